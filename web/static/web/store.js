/**
 * What the page shows, in one place: the mirrors of the streams, and a few choices of the player's.
 *
 * Screens read `store.state` and are drawn again when it changes. They keep no state of their own except what is being
 * typed.
 */

import { emptyFields } from "./streams.js";

const listeners = new Set();
let drawn = true;

export const store = {
  state: {
    system: null, // the answer of /api/system
    outdated: false, // whether the server has another release than this page
    connection: "reconnecting",
    refused: null, // why the server shut this client out (`refusal`)
    ...emptyFields(), // what the server's streams say: `queue`, `me`, `matches` and others
    dismissed: null, // the match_id that the player has put away
    chosen: [], // roles for the next match, best first
    view: "play", // the page beside the game: "me", "ranking", "rules", "player", "operations"
    subject: null, // whose page: the user_id, where the view is "player"
  },

  /** Change some members. The page is drawn once for all changes of one turn of the event loop. */
  set(changes) {
    Object.assign(store.state, changes);
    if (!drawn) return;
    drawn = false;
    queueMicrotask(() => {
      drawn = true;
      for (const listener of listeners) listener(store.state);
    });
  },

  /** Call `listener(state)` after each change. */
  subscribe(listener) {
    listeners.add(listener);
  },
};

/** The match to show: the player's open one, else the last one. That one stays until the player puts it away or joins the queue. */
export function shownMatch({ me, matches, dismissed }) {
  if (!me || me.queue) return null;
  const ids = Object.keys(matches);
  const matchId = me.match_id ?? ids[ids.length - 1];
  const match = matches[matchId];
  return match && matchId !== dismissed && me.user_id in match.players ? match : null;
}

/** Whether the player must act now: the match was found, and play has not begun. */
export function isCalling(match, me) {
  return Boolean(match && ["lobby", "joining"].includes(match.phase) && !match.players[me?.user_id]?.reported);
}

/** Whether this match still goes on for the player, who has not reported it. */
export function hasOpenSeat(match, me) {
  return match.status !== "done" && !match.players[me?.user_id]?.reported;
}

/** The newest match besides the shown one: its result is still to come, or is news. */
export function lastMatch(state) {
  const shown = shownMatch(state);
  const matches = Object.values(state.matches).filter((match) => match !== shown);
  return matches[matches.length - 1] ?? null;
}
