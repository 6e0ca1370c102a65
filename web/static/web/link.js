/** What a client knows of the link: its address, the codes that end it for good, and when to try again. */

/**
 * What a client is given.
 *
 * @typedef {object} Needs
 * @property {() => Promise<object>} loadSystem the answer of GET /api/system.
 * @property {(path: string) => Promise<object>} fetchJson reads a path under /api as the player.
 * @property {(wish: {fresh: boolean}) => Promise<string|null>} token the access token (`fresh`: a new one), or null.
 * @property {Record<string, import("./streams.js").StreamType>} [streamTypes] instead of those of this page.
 * @property {typeof WebSocket} [WebSocket]
 * @property {{setTimeout: Function, clearTimeout: Function}} [timers]
 * @property {() => number} [random] from 0 to below 1.
 * @property {() => number} [now] milliseconds since 1970, by the device.
 * @property {() => number} [serverNow] the same by the server, for servers that do not tell it with their welcome.
 */

/** Close codes that mean more than a lost link. */
export const CLOSE = { PROTOCOL: 4400, UNAUTHENTICATED: 4401, FORBIDDEN: 4403, TOO_MANY: 4409, TOO_LARGE: 1009 };

/** Those after which coming back is of no use. */
export const FINAL = [CLOSE.PROTOCOL, CLOSE.UNAUTHENTICATED, CLOSE.FORBIDDEN, CLOSE.TOO_LARGE];

/**
 * Why the server does not want this client: the close code, or `origin` where it is this page's address and not the
 * account that it refuses; both come with the same code.
 *
 * @param {number} code with which the socket was closed.
 * @param {string} reason with which it was.
 */
export function refusal(code, reason = "") {
  return code === CLOSE.FORBIDDEN && /\borigin\b/.test(reason) ? "origin" : code;
}

const CROWDED = [15, 60]; // seconds between which a client that was one too many tries again
const SHORTEST = 0.5; // seconds before coming back, at least
const LONGEST = 20; // and at most

/**
 * How long to wait before coming back, in seconds: what the server has told, which gives each of its
 * clients another time, or a random while: full jitter that may double with each failure, and longer where the
 * player has too many connections, since others of them must go first.
 *
 * @param {number} code with which the socket was closed.
 * @param {string} reason the same.
 * @param {number} failures in a row so far.
 * @param {() => number} random from 0 to below 1.
 */
export function pause(code, reason, failures, random) {
  const told = Number.parseFloat(/come back in (\d+(\.\d+)?) s/.exec(reason)?.[1]);
  const [low, high] = code === CLOSE.TOO_MANY ? CROWDED : [SHORTEST, Math.min(LONGEST, 2 ** (failures + 1))];
  return told || low + random() * (high - low);
}

/** An address for `WebSocket`, from one that may be relative to the page. */
export function socketAddress(address) {
  const url = new URL(address, globalThis.location?.href);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return url.href;
}
