/** Why a player cannot join the queue now, as far as the page can tell without asking the server. */

import { CLOSE } from "./link.js";

export const BARRED_AT = 6; // penalty points; `users.misconduct.BARRED_AT`

const HOUR = 3_600_000; // milliseconds
const DAY = 24 * HOUR;
const JAPAN = 9 * HOUR; // ahead of UTC; the hours of play are in Japan's time

/**
 * @param {object} state of the store.
 * @param {number} now milliseconds since 1970, by the server's clock.
 * @returns {{code: string, until: number|null}|null} why, and when that ends, if it does; null if the player can join.
 *   `code` is the server's, but for `barred`: that is the page's word for a penalty without an end.
 */
export function joinRefusal({ me, system, refused }, now) {
  if (refused === CLOSE.FORBIDDEN) return { code: "banned", until: null };
  const penaltyEnd = me.penalty?.until ? Date.parse(me.penalty.until) : 0;
  if ((me.penalty?.points ?? 0) >= BARRED_AT) return { code: "barred", until: null };
  if (penaltyEnd > now) return { code: "penalty", until: penaltyEnd };
  const { season } = system;
  if (season && !(season.running && (!season.ends_at || Date.parse(season.ends_at) > now))) return { code: "no_season", until: null };
  const opening = nextOpening(system.match_hours, now);
  return opening === null ? null : { code: "closed_hours", until: opening };
}

/**
 * The time of the next opening.
 *
 * @param {string|null} hours in Japan's time: `"14:00-02:00"`; null for always.
 * @param {number} now milliseconds since 1970.
 * @returns {number|null} milliseconds since 1970; null while play is open.
 */
export function nextOpening(hours, now) {
  const written = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(hours ?? "");
  if (!written) return null;
  const [opens, closes] = [written.slice(1, 3), written.slice(3)].map(([hour, minute]) => hour * HOUR + minute * 60_000);
  const time = (now + JAPAN) % DAY;
  const isOpen = opens < closes ? opens <= time && time < closes : time >= opens || time < closes;
  return isOpen ? null : now - time + (time < opens ? opens : opens + DAY);
}
