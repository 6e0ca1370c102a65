/** Telling once of each stream that the server gives to the player without being asked, such as the match that was found. */

export class AutoSubscriptions {
  #needs;
  #told = new Set(); // streams

  /**
   * @param {object} needs
   * @param {import("./streams.js").StreamTypes} needs.types
   * @param {import("./mirrors.js").Mirrors} needs.mirrors
   * @param {(event: string, stream: string) => void} needs.tell is told of each stream, with its type's action `found`.
   */
  constructor(needs) {
    this.#needs = needs;
  }

  /** A snapshot has come, with this action. */
  take(action, stream) {
    if (action === this.#found(stream)) this.#tell(stream);
  }

  /** A state has changed. What was found while there was no link comes with the action of any other snapshot. */
  look(userId) {
    const { mirrors } = this.#needs;
    for (const stream of mirrors.named(userId)) if (mirrors.isOpen(stream)) this.#tell(stream);
  }

  #found(stream) {
    return this.#needs.types.parse(stream).type.found;
  }

  #tell(stream) {
    const found = this.#found(stream);
    if (found === undefined || this.#told.has(stream)) return;
    this.#told.add(stream);
    this.#needs.tell(found, stream);
  }
}
