/**
 * What this client holds of the server's state: one mirror {epoch, seq, data} a stream.
 *
 * Pure: no socket, no clock, no page.
 */

/**
 * Apply an RFC 7396 merge patch.
 *
 * @param {*} target the document; not altered.
 * @param {*} patch what changes: null removes a member, an object goes deeper, all else replaces.
 * @returns {*} the document after the change; parts that did not change are shared with `target`.
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

/** The document without members that are null: in a projection null and absent mean the same. */
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

/** The frame that subscribes to a stream, or unsubscribes from it: the key of one among several is a field. */
export function about(verb, stream) {
  const [kind, key] = stream.split(/_(.*)/s);
  const action = verb + kind[0].toUpperCase() + kind.slice(1);
  return key === undefined ? { action } : { action, [`${kind}_id`]: key };
}

const MOST = 64; // streams that a `have` may name

export class Mirrors {
  #held = new Map();

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

  /** What to tell the server in `authenticate`: {stream: {epoch, seq}}; what is over goes first where that is too much. */
  have() {
    const held = [...this.#held];
    const isOver = ([, { data }]) => data?.status === "done";
    const first = [...held.filter((each) => !isOver(each)), ...held.filter(isOver).reverse()].slice(0, MOST);
    return Object.fromEntries(first.map(([stream, { epoch, seq }]) => [stream, { epoch, seq }]));
  }

  /** Take a whole projection, whatever was held. */
  snapshot({ stream, epoch, seq, data }) {
    this.#held.set(stream, { epoch, seq, data });
  }

  /**
   * Take an update.
   *
   * @returns {"applied"|"stale"|"gap"} `stale`: at or below what is held; `gap`: something between
   *   is missing, or the numbering started anew, so that only a snapshot helps.
   */
  update({ stream, epoch, seq, prev, changes }) {
    const mirror = this.#held.get(stream);
    if (!mirror || mirror.epoch !== epoch) return "gap";
    if (seq <= mirror.seq) return "stale";
    if (prev !== mirror.seq) return "gap";
    this.#held.set(stream, { epoch, seq, data: mergePatch(mirror.data, changes) });
    return "applied";
  }

  /**
   * Take the body of a REST projection, in which `epoch` and `seq` stand beside the fields.
   *
   * @returns {boolean} whether it was news.
   */
  polled(stream, { epoch, seq, ...fields }) {
    const mirror = this.#held.get(stream);
    if (mirror && mirror.epoch === epoch && seq <= mirror.seq) return false;
    this.#held.set(stream, { epoch, seq, data: withoutNulls(fields) });
    return true;
  }

  /** The ids of the player's open match and of those held that may still change. */
  openMatches(userId) {
    const held = this.streams()
      .filter((stream) => stream.startsWith("match_") && this.isOpen(stream))
      .map((stream) => stream.slice("match_".length));
    const own = this.data(`user_${userId}`)?.match_id;
    return [...new Set(own ? [...held, own] : held)];
  }

  /** Whether the state of a match is held, and it is not over. */
  isOpen(stream) {
    return (this.data(stream)?.status ?? "done") !== "done";
  }

  /** The stream of the player's open match, once its state is held; else null. */
  ownMatch(userId) {
    const stream = `match_${this.data(`user_${userId}`)?.match_id}`;
    return this.isOpen(stream) ? stream : null;
  }

  /** Let go of a stream. */
  drop(stream) {
    this.#held.delete(stream);
  }
}
