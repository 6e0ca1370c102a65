/**
 * Reading the projections over REST, for as long as the socket cannot carry them. Each stream is read on its own:
 * one that is refused, has ended or does not come makes no difference to the others.
 */

import { limited } from "./limits.js";
import { streamName } from "./streams.js";

const GONE = [403, 404, 410]; // of a stream that not every player has: the reader is not entitled to it any more
const LONGEST_REST = 60; // seconds to wait at most: a proxy may ask for a day, but a match lasts minutes
const USUAL = 5; // seconds from round to round, unless the server names another time

export class Poller {
  #needs;
  #types = []; // of the streams that are read
  #interval = USUAL;
  #timer = null;
  #round = 0; // of the newest round: answers to an earlier one do not count
  #resting = new Map(); // path -> rounds to leave out, as the server has asked

  /**
   * @param {object} needs
   * @param {() => void} needs.began is told of each round before anything is read.
   * @param {(path: string) => Promise<object>} needs.fetchJson reads a path under the API.
   * @param {(stream: string, body: object) => void} needs.take is given each answer.
   * @param {(stream: string) => void} needs.gone is told of a stream that the server does not let this client read any more.
   * @param {(ok: boolean) => void} needs.ended is told after each round whether it brought anything.
   * @param {() => string[]} needs.streams the streams to read besides those that every player has.
   * @param {import("./streams.js").StreamTypes} needs.types
   * @param {{setTimeout: Function, clearTimeout: Function}} needs.timers
   */
  constructor(needs) {
    this.#needs = needs;
  }

  /**
   * Read the streams of these types from now on, and at once if the types are others than before. None stops it.
   *
   * @param {import("./streams.js").StreamType[]} types out of `needs.types.all`, in that order.
   * @param {number} interval seconds from the end of one round to the next.
   */
  read(types, interval) {
    this.#interval = interval > 0 ? interval : USUAL;
    const names = (list) => list.map(({ name }) => name).join();
    if (names(types) === names(this.#types)) return;
    this.#types = types;
    this.#begin();
  }

  /** Whether the streams of all types are read. */
  get isReadingAll() {
    return this.#types.length === this.#needs.types.all.length;
  }

  /** Begin a new round now rather than later. */
  hurry() {
    if (this.#types.length > 0) this.#begin();
  }

  #begin() {
    this.#needs.timers.clearTimeout(this.#timer);
    this.#round += 1;
    if (this.#types.length > 0) this.#run(this.#round);
  }

  async #run(round) {
    const { streams, types, began, ended, timers } = this.#needs;
    began();
    const all = (list) => Promise.all(list.map(({ type, key }) => this.#read(round, type, key)));
    // What every player has comes first: the player's own state names further streams, such as the open match.
    const first = await all(this.#types.filter(({ audience }) => audience !== "admitted").map((type) => ({ type, key: null })));
    const others = [...new Set(streams())].map((stream) => types.parse(stream));
    const then = await all(others.filter(({ type }) => type.audience === "admitted" && this.#types.includes(type)));
    if (round !== this.#round) return;
    const outcomes = [...first, ...then].filter((outcome) => outcome !== null);
    if (outcomes.length > 0) ended(outcomes.includes(true));
    this.#timer = timers.setTimeout(() => this.#run(round), this.#interval * 1000);
  }

  /** @returns {Promise<boolean|null>} whether the stream's state came; null if this round leaves it out. */
  async #read(round, type, key) {
    const { fetchJson, take, gone, timers } = this.#needs;
    const path = type.path(key);
    const rest = this.#resting.get(path) ?? 0;
    if (rest > 0) {
      this.#resting.set(path, rest - 1);
      return null;
    }
    try {
      const body = await limited(fetchJson(path), undefined, timers);
      // A player's own stream is read without its key, which the answer tells.
      if (round === this.#round) take(streamName(type, key ?? body[type.keyField]), body);
      return true;
    } catch (error) {
      if (round !== this.#round) return false;
      if (error.status === 429) this.#resting.set(path, Math.ceil(Math.min(error.retryAfter || 0, LONGEST_REST) / this.#interval) - 1);
      if (GONE.includes(error.status) && type.audience === "admitted") gone(streamName(type, key));
      return false;
    }
  }
}
