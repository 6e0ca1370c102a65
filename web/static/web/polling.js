/**
 * Reading the projections over REST, for as long as the socket cannot carry them. Each stream is read for
 * itself: that one is refused, has ended or does not come is nothing to the others.
 */

import { limited } from "./limits.js";

const PATHS = {
  queue: () => "/queue",
  user: () => "/users/me",
  match: (matchId) => `/matches/${encodeURIComponent(matchId)}`,
  operations: () => "/operations",
};
const GONE = [403, 404, 410]; // of a stream that not every player has: it is not the reader's any more
const LONGEST_REST = 60; // seconds: a proxy may name a day, and a match lasts minutes
const USUAL = 5; // seconds from round to round, where the server names no time that is one

export const KINDS = Object.keys(PATHS);

export class Poller {
  #needs;
  #kinds = [];
  #interval = USUAL;
  #timer = null;
  #round = 0; // a round that is no longer the newest says nothing more
  #resting = new Map(); // path -> rounds for which the server has asked to be left alone

  /**
   * @param {object} needs
   * @param {(path: string) => Promise<object>} needs.fetchJson reads a path under the API.
   * @param {(stream: string, body: object) => void} needs.take is given each answer.
   * @param {(stream: string) => void} needs.gone is told of a match or other stream that is not to be had any more.
   * @param {(ok: boolean) => void} needs.ended is told after each round whether it brought anything.
   * @param {() => string[]} needs.matches the ids of the matches to read.
   * @param {Set<string>} needs.wanted the streams to read that not every player has.
   * @param {{setTimeout: Function, clearTimeout: Function}} needs.timers
   */
  constructor(needs) {
    this.#needs = needs;
  }

  /**
   * Read these kinds of stream from now on, and at once if they are others than before; none stops it.
   *
   * @param {string[]} kinds out of `KINDS`.
   * @param {number} interval seconds from the end of one round to the next.
   */
  read(kinds, interval) {
    this.#interval = interval > 0 ? interval : USUAL;
    if (kinds.join() === this.#kinds.join()) return;
    this.#kinds = kinds;
    this.#begin();
  }

  /** Whether all kinds are read. */
  get isReadingAll() {
    return this.#kinds.length === KINDS.length;
  }

  /** Begin a new round now: something more is wanted. */
  hurry() {
    if (this.#kinds.length > 0) this.#begin();
  }

  #begin() {
    this.#needs.timers.clearTimeout(this.#timer);
    this.#round += 1;
    if (this.#kinds.length > 0) this.#run(this.#round);
  }

  async #run(round) {
    const { matches, wanted, ended, timers } = this.#needs;
    const all = (...streams) => Promise.all(streams.filter(([kind]) => this.#kinds.includes(kind)).map((each) => this.#read(round, ...each)));
    const first = await all(["queue"], ["user"]);
    // The player's own state says which match there is, so it comes first.
    const then = await all(...matches().map((matchId) => ["match", matchId]), ...(wanted.has("operations") ? [["operations"]] : []));
    if (round !== this.#round) return;
    const outcomes = [...first, ...then].filter((outcome) => outcome !== null);
    if (outcomes.length > 0) ended(outcomes.includes(true));
    this.#timer = timers.setTimeout(() => this.#run(round), this.#interval * 1000);
  }

  /** @returns {Promise<boolean|null>} whether the stream's state came; null where it was not asked for. */
  async #read(round, kind, key) {
    const { fetchJson, take, gone, timers } = this.#needs;
    const path = PATHS[kind](key);
    const rest = this.#resting.get(path) ?? 0;
    if (rest > 0) {
      this.#resting.set(path, rest - 1);
      return null;
    }
    try {
      const body = await limited(fetchJson(path), undefined, timers);
      if (round === this.#round) take(kind === "user" ? `user_${body.user_id}` : key ? `${kind}_${key}` : kind, body);
      return true;
    } catch (error) {
      if (round !== this.#round) return false;
      if (error.status === 429) this.#resting.set(path, Math.ceil(Math.min(error.retryAfter || 0, LONGEST_REST) / this.#interval) - 1);
      if (GONE.includes(error.status) && !["queue", "user"].includes(kind)) gone(key ? `${kind}_${key}` : kind);
      return false;
    }
  }
}
