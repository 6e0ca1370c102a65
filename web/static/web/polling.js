/**
 * Reading the projections over REST, for as long as the socket cannot carry them.
 */

const PATHS = {
  queue: "/queue",
  user: "/users/me",
  match: (matchId) => `/matches/${encodeURIComponent(matchId)}`,
  operations: "/operations",
};

export const KINDS = Object.keys(PATHS);

export class Poller {
  #fetchJson;
  #take;
  #timers;
  #kinds = [];
  #interval = 0;
  #timer = null;
  #round = 0; // a round that is no longer the newest says nothing more

  /**
   * @param {object} needs
   * @param {(path: string) => Promise<object>} needs.fetchJson reads a path under the API.
   * @param {(stream: string, body: object) => void} needs.take is given each answer.
   * @param {(ok: boolean) => void} needs.ended is told after each round whether the server answered.
   * @param {() => string[]} needs.matches the ids of the matches to read.
   * @param {Set<string>} needs.wanted the streams to read that not every player has.
   * @param {{setTimeout: Function, clearTimeout: Function}} needs.timers
   */
  constructor({ fetchJson, take, ended, matches, wanted, timers }) {
    this.#fetchJson = fetchJson;
    this.#take = take;
    this.#timers = timers;
    this.ended = ended;
    this.matches = matches;
    this.wanted = wanted;
  }

  /**
   * Read these kinds of stream from now on, and at once; none stops it.
   *
   * @param {string[]} kinds out of `KINDS`.
   * @param {number} interval seconds from the end of one round to the next.
   */
  read(kinds, interval) {
    if (kinds.join() === this.#kinds.join()) return;
    this.#kinds = kinds;
    this.#interval = interval;
    this.#begin();
  }

  /** Begin a new round now: something more is wanted. */
  hurry() {
    if (this.#kinds.length > 0) this.#begin();
  }

  #begin() {
    this.#timers.clearTimeout(this.#timer);
    this.#round += 1;
    if (this.#kinds.length > 0) this.#run(this.#round);
  }

  async #run(round) {
    let ok = true;
    try {
      await Promise.all([this.#one(round, "queue"), this.#one(round, "user")]);
      // The player's own state says which match there is, so it comes first.
      if (this.#kinds.includes("match")) {
        await Promise.all(this.matches().map((matchId) => this.#read(round, PATHS.match(matchId))));
      }
      if (this.wanted.has("operations")) await this.#one(round, "operations");
    } catch {
      ok = false;
    }
    if (round !== this.#round) return;
    this.ended(ok);
    this.#timer = this.#timers.setTimeout(() => this.#run(round), this.#interval * 1000);
  }

  async #one(round, kind) {
    if (this.#kinds.includes(kind)) await this.#read(round, PATHS[kind]);
  }

  async #read(round, path) {
    const body = await this.#fetchJson(path);
    if (round !== this.#round) return;
    if (path === PATHS.queue) this.#take("queue", body);
    else if (path === PATHS.operations) this.#take("operations", body);
    else if (path === PATHS.user) this.#take(`user_${body.user_id}`, body);
    else this.#take(`match_${body.match_id}`, body);
  }
}
