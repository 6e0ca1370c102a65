/**
 * What this client holds of the server's state: a mirror {epoch, seq, data} of each stream.
 *
 * Pure: no socket, no clock, no page.
 */

import { areSeveral, streamName } from "./streams.js";

/**
 * Apply an RFC 7396 merge patch.
 *
 * @param {*} target the document, which is not altered.
 * @param {*} patch what changes: null removes a member, an object is applied to the member, all else replaces it.
 * @returns {*} the document after the change. It shares unchanged parts with `target`.
 */
export function mergePatch(target, patch) {
  if (!isObject(patch)) return patch;
  const result = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}

/** The document without its members that are null, since in a projection null and absent mean the same. */
export function withoutNulls(document) {
  if (!isObject(document)) return document;
  return Object.fromEntries(
    Object.entries(document)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, withoutNulls(value)]),
  );
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const MOST = 64; // streams that a `have` may name

export class Mirrors {
  #held = new Map();
  #overtaken = new Set(); // streams that have come over the socket, or were given up, since the round of polling began
  #types;

  /** @param {import("./streams.js").StreamTypes} types */
  constructor(types) {
    this.#types = types;
  }

  /** The data of a stream, or null while none is held. */
  data(stream) {
    return this.#held.get(stream)?.data ?? null;
  }

  /** The version held of a stream, or null. */
  seq(stream) {
    return this.#held.get(stream)?.seq ?? null;
  }

  /** The names of the streams held. */
  streams() {
    return [...this.#held.keys()];
  }

  /** The `have` of the frame `authenticate`: {stream: {epoch, seq}}. Of too many streams, those that are over are left out first. */
  have() {
    const over = this.streams().filter((stream) => !this.isOpen(stream));
    const first = [...this.openStreams(), ...over.reverse()].slice(0, MOST);
    const position = ({ epoch, seq }) => ({ epoch, seq });
    return Object.fromEntries(first.map((stream) => [stream, position(this.#held.get(stream))]));
  }

  /** Take a whole projection that came over the socket, in place of what is held. */
  snapshot({ stream, epoch, seq, data }) {
    this.#overtaken.add(stream);
    this.#held.set(stream, { epoch, seq, data });
  }

  /**
   * Take an update.
   *
   * @returns {"applied"|"stale"|"gap"} `stale`: it is no newer than what is held. `gap`: an update before it is missing,
   *   or the numbering has started anew, so that only a snapshot helps.
   */
  update({ stream, epoch, seq, prev, changes }) {
    const mirror = this.#held.get(stream);
    if (!mirror || mirror.epoch !== epoch) return "gap";
    if (seq <= mirror.seq) return "stale";
    if (prev !== mirror.seq) return "gap";
    this.#held.set(stream, { epoch, seq, data: mergePatch(mirror.data, changes) });
    return "applied";
  }

  /** A round of polling begins: its answers are newer than what the socket has told so far. */
  beginPoll() {
    this.#overtaken.clear();
  }

  /** Whether a stream has come over the socket, or was given up, since the round of polling began. */
  isOvertaken(stream) {
    return this.#overtaken.has(stream);
  }

  /**
   * Take a projection that REST has answered since `beginPoll`, in which `epoch` and `seq` stand beside the fields.
   *
   * In one epoch the numbers tell which of two states is newer. Of two epochs the socket's counts, if it came while the
   * answer was on its way. A stream that was given up meanwhile does not come back.
   *
   * @returns {boolean} whether it is newer than what was held.
   */
  polled(stream, { epoch, seq, ...fields }) {
    const mirror = this.#held.get(stream);
    const isNewer = mirror && mirror.epoch === epoch ? seq > mirror.seq : !this.isOvertaken(stream);
    if (!isNewer) return false;
    this.#held.set(stream, { epoch, seq, data: withoutNulls(fields) });
    return true;
  }

  /** The streams that are held and may still change. */
  openStreams() {
    return this.streams().filter((stream) => this.isOpen(stream));
  }

  /** Whether the state of a stream is held and may still change. */
  isOpen(stream) {
    const data = this.data(stream);
    return data !== null && !this.#types.parse(stream).type.isOver?.(data);
  }

  /** The streams that the player's own state names, as its `match_id` names the open match. */
  named(userId) {
    const { all } = this.#types;
    const own = all.filter(({ audience }) => audience === "owner").map((type) => this.data(streamName(type, userId)));
    const namedBy = (data) => all.filter((type) => areSeveral(type) && data?.[type.keyField]).map((type) => streamName(type, data[type.keyField]));
    return own.flatMap(namedBy);
  }

  /** Let go of a stream. */
  drop(stream) {
    this.#overtaken.add(stream);
    this.#held.delete(stream);
  }
}
