/** Repairing what was missed: the client asks once for the state of a stream that has fallen behind. */

const ARRIVAL_SECONDS = 1; // seconds that a change may arrive after the heartbeat that counts it

export class Repairs {
  every = 10; // seconds without an answer, after which the client asks again

  #asked = new Map(); // stream -> timer; until it ends the client does not ask again
  #checks = new Map(); // stream -> timer of a comparison under way
  #needs;

  /**
   * @param {object} needs
   * @param {(stream: string) => number|null} needs.held the version held of a stream.
   * @param {(stream: string) => void} needs.ask asks the server for a snapshot.
   * @param {{setTimeout: Function, clearTimeout: Function}} needs.timers
   */
  constructor(needs) {
    this.#needs = needs;
  }

  /** Ask for a snapshot, unless the answer to an earlier question may still come. */
  ask(stream) {
    if (this.#asked.has(stream)) return;
    this.#asked.set(stream, this.#needs.timers.setTimeout(() => this.#asked.delete(stream), this.every * 1000));
    this.#needs.ask(stream);
  }

  /** A snapshot of the stream has come. */
  came(stream) {
    this.#needs.timers.clearTimeout(this.#asked.get(stream));
    this.#asked.delete(stream);
  }

  /** Compare what is held with the heads of a heartbeat: {stream: seq}. */
  compare(heads) {
    const { held, timers } = this.#needs;
    for (const [stream, head] of Object.entries(heads)) {
      const before = held(stream);
      if (before === head || this.#checks.has(stream)) continue;
      const look = () => {
        this.#checks.delete(stream);
        const present = held(stream);
        if (present === before || present < head) this.ask(stream);
      };
      this.#checks.set(stream, timers.setTimeout(look, ARRIVAL_SECONDS * 1000));
    }
  }

  /** Forget all questions and comparisons, since the link has changed. */
  clear() {
    for (const timer of [...this.#checks.values(), ...this.#asked.values()]) this.#needs.timers.clearTimeout(timer);
    this.#checks.clear();
    this.#asked.clear();
  }
}
