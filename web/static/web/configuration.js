/** How the server is set up (`/api/system`), which is asked for again whenever it may have changed. */

import { limited } from "./limits.js";

const AGAIN = 30; // seconds between questions while the answers are not those of the server that has the socket

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

  /** Ask. @throws where there is no good answer; what was known stays. */
  async read() {
    const { loadSystem, changed, timers } = this.#needs;
    const system = await limited(loadSystem(), undefined, timers);
    if (typeof system?.socket_url !== "string" || !Array.isArray(system.streams)) throw new Error("not an answer of this API");
    this.system = system;
    changed();
  }

  /**
   * Ask until the answer is of the version that a welcome has named; during a release another process may answer.
   *
   * @param {string|undefined} version undefined from a server that names none: asked once.
   */
  async follow(version) {
    this.rest();
    if (version !== undefined && version === this.system.system_version) return;
    const again = this.#needs.timers.setTimeout(() => this.follow(version), AGAIN * 1000);
    this.#again = again;
    await this.read().catch(() => {});
    if (this.#again === again && (version === undefined || version === this.system.system_version)) this.rest();
  }

  /** Ask no more by itself. */
  rest() {
    this.#needs.timers.clearTimeout(this.#again);
    this.#again = null;
  }
}
