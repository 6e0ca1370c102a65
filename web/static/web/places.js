const NAMED = 2; // roles that are worth naming when several are needed

/** The needed roles that the fewest players have named, and so help most. @returns {string[]} two at most. */
export function scarcest({ role_counts: counts = {}, needed_roles: needed = [] }) {
  return [...needed].sort((one, other) => (counts[one] ?? 0) - (counts[other] ?? 0)).slice(0, NAMED);
}

/**
 * How many of each role's two places to show as taken in the queue.
 *
 * The queue's projection counts how many players named a role. Most players name several roles, so the counts add up to
 * more than there are players. Here no more places are taken than players wait. One place stays open as long as some
 * role is needed.
 *
 * @param {{total_waiting: number, role_counts: Object<string, number>, needed_roles: string[]}} queue
 * @returns {Object<string, number>} 0 to 2 by role.
 */
export function takenPlaces({ total_waiting: waiting = 0, role_counts: counts = {}, needed_roles: needed = [] }) {
  const taken = Object.fromEntries(Object.entries(counts).map(([role, count]) => [role, Math.min(count, 2)]));
  const sum = (roles) => roles.reduce((total, role) => total + (taken[role] ?? 0), 0);
  const open = needed.length > 0 ? needed : Object.keys(taken);
  let surplus = Math.max(sum(Object.keys(taken)) - waiting, needed.length > 0 ? 1 - (2 * needed.length - sum(needed)) : 0);
  // Places are freed one by one: first of needed roles, then of any; always of the fullest role, of equals the last.
  for (const roles of [open, Object.keys(taken)]) {
    while (surplus > 0 && sum(roles) > 0) {
      const fullest = roles.reduce((best, role) => (taken[role] >= taken[best] ? role : best));
      taken[fullest] -= 1;
      surplus -= 1;
    }
  }
  return taken;
}
