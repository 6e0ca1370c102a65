/** The client's access tokens: asked for with an end to the waiting, and anew before one expires. */

import { limited } from "./limits.js";

const AHEAD = 60; // seconds before a token expires
const LONGEST_TIMER = 2 ** 31 - 1; // milliseconds; a longer one would fire at once

export class Tokens {
  #needs;
  #timer = null;
  #turn = 0; // a renewal that is no longer the newest says nothing more

  /**
   * @param {object} needs
   * @param {(wish: {fresh: boolean}) => Promise<string|null>} needs.token
   * @param {(token: string) => void} needs.renewed is given each fresh one that was not asked for.
   * @param {{setTimeout: Function, clearTimeout: Function}} needs.timers
   * @param {() => number} needs.serverNow milliseconds since 1970, where the server does not say it with its welcome.
   */
  constructor(needs) {
    this.#needs = needs;
  }

  /** @returns {Promise<string|null>} null when nobody is signed in. */
  get(wish) {
    return limited(this.#needs.token(wish), undefined, this.#needs.timers);
  }

  /**
   * Renew the token before it expires.
   *
   * @param {number} expiresAt Unix seconds by the server's clock; this device's may be hours away from it.
   * @param {number} [now] the same.
   */
  follow(expiresAt, now = this.#needs.serverNow() / 1000) {
    this.rest();
    const lasts = expiresAt - now;
    let seconds = AHEAD; // where it seems to have expired, which the server would have said
    if (lasts > AHEAD) seconds = Math.max(lasts - AHEAD, lasts / 20);
    else if (lasts > 0) seconds = lasts / 2;
    this.#timer = this.#needs.timers.setTimeout(() => this.#renew(this.#turn), Math.min(seconds * 1000, LONGEST_TIMER));
  }

  /** Renew no more by itself. */
  rest() {
    this.#turn += 1;
    this.#needs.timers.clearTimeout(this.#timer);
  }

  /** Should there be no fresh one, the server ends the session when it is time. */
  async #renew(turn) {
    const token = await this.get({ fresh: true }).catch(() => null);
    if (token !== null && turn === this.#turn) this.#needs.renewed(token);
  }
}
