/** The client's access tokens. It waits for one only so long, and renews it before it expires. */

import { limited } from "./limits.js";

const AHEAD = 60; // seconds before a token expires
const LONGEST_TIMER = 2 ** 31 - 1; // milliseconds; a longer one would fire at once

export class Tokens {
  #needs;
  #timer = null;
  #turn = 0; // of the newest renewal: the result of an earlier one does not count

  /**
   * @param {object} needs
   * @param {(wish: {fresh: boolean}) => Promise<string|null>} needs.token
   * @param {(token: string) => void} needs.renewed is given each token that was renewed because the last one was about to expire.
   * @param {{setTimeout: Function, clearTimeout: Function}} needs.timers
   * @param {() => number} needs.serverNow milliseconds since 1970, for servers whose `welcome` has no `now`.
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
   * @param {number} expiresAt Unix seconds by the server's clock, from which this device's may differ by hours.
   * @param {number} [now] the present time, likewise.
   */
  follow(expiresAt, now = this.#needs.serverNow() / 1000) {
    this.rest();
    const lasts = expiresAt - now;
    let seconds = AHEAD; // if it seems to have expired: the server would have ended the session
    if (lasts > AHEAD) seconds = Math.max(lasts - AHEAD, lasts / 20);
    else if (lasts > 0) seconds = lasts / 2;
    this.#timer = this.#needs.timers.setTimeout(() => this.#renew(this.#turn), Math.min(seconds * 1000, LONGEST_TIMER));
  }

  /** Stop renewing. */
  rest() {
    this.#turn += 1;
    this.#needs.timers.clearTimeout(this.#timer);
  }

  /** Without a new token nothing is sent: the server then ends the session when the old one expires. */
  async #renew(turn) {
    const token = await this.get({ fresh: true }).catch(() => null);
    if (token !== null && turn === this.#turn) this.#needs.renewed(token);
  }
}
