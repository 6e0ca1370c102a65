/** The link to the server: its address, the close codes after which the client stays away, and the pause before the next attempt. */

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
 * @property {() => number} [serverNow] the same by the server's clock, for servers whose `welcome` has no `now`.
 */

/** Close codes that mean more than a lost link. */
export const CLOSE = { PROTOCOL: 4400, UNAUTHENTICATED: 4401, FORBIDDEN: 4403, TOO_MANY: 4409, TOO_LARGE: 1009 };

/** The codes after which another attempt is of no use. */
export const FINAL = [CLOSE.PROTOCOL, CLOSE.UNAUTHENTICATED, CLOSE.FORBIDDEN, CLOSE.TOO_LARGE];

/**
 * Why the server refuses this client: the close code, or `origin` if it refuses this page's address. The server closes
 * with the same code for an account and for an address, and names the origin in the reason.
 *
 * @param {number} code with which the socket was closed.
 * @param {string} reason with which the socket was closed.
 */
export function refusal(code, reason = "") {
  return code === CLOSE.FORBIDDEN && /\borigin\b/.test(reason) ? "origin" : code;
}

const CROWDED = [15, 60]; // seconds, at least and at most, before a client tries again that was one too many
const SHORTEST = 0.5; // seconds before any other client tries again, at least
const LONGEST = 20; // and at most

/**
 * How many seconds to wait before the next attempt. A server that closes may name a time, another one for each client.
 * Otherwise the time is random, so that not all clients come at once, and its limit doubles with each failure. A player
 * with too many connections waits longer, since one of the others must end first.
 *
 * @param {number} code with which the socket was closed.
 * @param {string} reason with which the socket was closed.
 * @param {number} failures in a row so far.
 * @param {() => number} random from 0 to below 1.
 */
export function pause(code, reason, failures, random) {
  const told = Number.parseFloat(/come back in (\d+(\.\d+)?) s/.exec(reason)?.[1]);
  const [low, high] = code === CLOSE.TOO_MANY ? CROWDED : [SHORTEST, Math.min(LONGEST, 2 ** (failures + 1))];
  return told || low + random() * (high - low);
}

/** The address for `WebSocket`. @param {string} address may be relative to the page. */
export function socketAddress(address) {
  const url = new URL(address, globalThis.location?.href);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return url.href;
}
