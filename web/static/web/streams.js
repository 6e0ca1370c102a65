/**
 * The types of streams that this page knows. A new type is one more row of the table here; frames about streams of
 * other types are ignored.
 */

/**
 * What the page knows of one type of stream.
 *
 * @typedef {object} StreamType
 * @property {"everyone"|"owner"|"admitted"} audience who has such a stream: every client the one that there is; every
 *   client its own; or those that the server lets in, by itself or when they subscribe.
 * @property {string} [keyField] the field that holds the stream's key: in the frames that subscribe and unsubscribe, and
 *   in the player's own state, where that says which stream is theirs. A type without it has a single stream.
 * @property {(key: string|null) => string} path where REST answers the stream's state, under /api.
 * @property {(data: object) => boolean} [isOver] whether the state is final. Without it no state is.
 * @property {string} [found] the action of the first snapshot of a stream that the server gives to a player because of
 *   another stream's change. The client has an event of that name.
 * @property {string} [storeField] where the page keeps the state: a field of the store, which holds {key: state} where
 *   a player may have several streams of the type.
 */

/** The page's stream types. The server declares them with the same words. @type {Record<string, StreamType>} by name. */
export const STREAM_TYPES = {
  // The queue in numbers, and what staff announce.
  queue: { audience: "everyone", path: () => "/queue", storeField: "queue" },
  // The player's own account.
  user: { audience: "owner", keyField: "user_id", path: () => "/users/me", storeField: "me" },
  // A match, to its players and to staff.
  match: {
    audience: "admitted",
    keyField: "match_id",
    path: (matchId) => `/matches/${encodeURIComponent(matchId)}`,
    isOver: ({ status = "done" }) => status === "done",
    found: "match_found",
    storeField: "matches",
  },
  // How the service is doing, while a member of staff looks.
  operations: { audience: "admitted", path: () => "/operations", storeField: "operations" },
};

const NAME = /^([a-z]+)(?:_(.+))?$/s; // of a stream: its type, and its key where the type has several

/** A table of stream types, and the names of the streams of these types. */
export class StreamTypes {
  /** The rows of the table, each with its `name`. */
  all;

  #byName;

  /** @param {Record<string, StreamType>} [table] */
  constructor(table = STREAM_TYPES) {
    this.all = Object.entries(table).map(([name, row]) => ({ name, ...row }));
    this.#byName = new Map(this.all.map((type) => [type.name, type]));
  }

  /** The type and the key (or null) that a stream's name tells; null for a stream of no known type. */
  parse(stream) {
    const [, name, key = null] = NAME.exec(stream) ?? [];
    const type = this.#byName.get(name);
    return type && Boolean(type.keyField) === (key !== null) ? { type, key } : null;
  }

  /**
   * The frame that subscribes to a stream, or unsubscribes from it.
   *
   * @param {"subscribe"|"unsubscribe"} verb
   * @param {string} stream
   * @throws {RangeError} the stream is of no known type.
   */
  frame(verb, stream) {
    const known = this.parse(stream);
    if (known === null) throw new RangeError(`no known type of stream: ${stream}`);
    const { type, key } = known;
    const action = verb + type.name[0].toUpperCase() + type.name.slice(1);
    return type.keyField ? { action, [type.keyField]: key } : { action };
  }

  /**
   * The types whose streams do not come over a socket, so that they are to be polled: those that the operator has
   * switched off, and those that every player has but not this one.
   *
   * @param {string[]} pushed the names of the types that are on (GET /api/system).
   * @param {string[]} given the streams that the `welcome` named.
   * @param {string} userId
   */
  unpushed(pushed, given, userId) {
    const isGiven = (type) => type.audience === "admitted" || given.includes(streamName(type, userId));
    return this.all.filter((type) => !pushed.includes(type.name) || !isGiven(type));
  }
}

/** Whether a player may have several streams of a type. */
export function areSeveral({ audience, keyField }) {
  return audience === "admitted" && Boolean(keyField);
}

/** The fields of the store in which the page keeps what streams say, while it knows nothing yet. */
export function emptyFields() {
  return Object.fromEntries(Object.values(STREAM_TYPES).map((type) => [type.storeField, areSeveral(type) ? {} : null]));
}

/** The name of a type's stream with this key, which a type with a single stream ignores. */
export function streamName(type, key) {
  return type.keyField ? `${type.name}_${key}` : type.name;
}
