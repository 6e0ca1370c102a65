/** How the server is set up (`/api/system`). It is read again whenever it may have changed. */

import { limited } from "./limits.js";

const AGAIN = 30; // seconds between requests while another version of the server answers than the one that has the socket

export class Configuration {
  /** The last good answer, or null. */
  system = null;

  #needs;
  #again = null;

  /**
   * @param {object} needs
   * @param {() => Promise<object>} needs.loadSystem
   * @param {() => void} needs.changed is called after each answer.
   * @param {{setTimeout: Function, clearTimeout: Function}} needs.timers
   */
  constructor(needs) {
    this.#needs = needs;
  }

  /** Read it. @throws {Error} no good answer came. `system` then stays as it was. */
  async read() {
    const { loadSystem, changed, timers } = this.#needs;
    const system = await limited(loadSystem(), undefined, timers);
    if (typeof system?.socket_url !== "string" || !Array.isArray(system.streams)) throw new Error("not an answer of this API");
    this.system = system;
    changed();
  }

  /**
   * Read it until it has the version that a `welcome` has named. During a release an older process may answer.
   *
   * @param {string|undefined} version undefined for a server that names none; then it is read once.
   */
  async follow(version) {
    this.rest();
    if (version !== undefined && version === this.system.system_version) return;
    const again = this.#needs.timers.setTimeout(() => this.follow(version), AGAIN * 1000);
    this.#again = again;
    await this.read().catch(() => {});
    if (this.#again === again && (version === undefined || version === this.system.system_version)) this.rest();
  }

  /** Stop reading. */
  rest() {
    this.#needs.timers.clearTimeout(this.#again);
    this.#again = null;
  }
}
