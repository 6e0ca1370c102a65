/** What a client knows of the link: its address, the codes that end it for good, and when to try again. */

/** Close codes after which coming back is of no use. */
export const CLOSE = { PROTOCOL: 4400, UNAUTHENTICATED: 4401, FORBIDDEN: 4403, TOO_MANY: 4409, TOO_LARGE: 1009 };

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

const SHORTEST = 0.5; // seconds before coming back, at least
const LONGEST = 20; // and at most

/**
 * How long to wait before coming back, in seconds: what the server has told, which gives each of its
 * clients another time, or a random while (full jitter) that may double with each failure.
 *
 * @param {string} reason with which the socket was closed.
 * @param {number} failures in a row so far.
 * @param {() => number} random from 0 to below 1.
 */
export function pause(reason, failures, random) {
  const told = Number.parseFloat(/come back in (\d+(\.\d+)?) s/.exec(reason)?.[1]);
  return told || SHORTEST + random() * (Math.min(LONGEST, 2 ** (failures + 1)) - SHORTEST);
}

/** An address for `WebSocket`, from one that may be relative to the page. */
export function socketAddress(address) {
  const url = new URL(address, globalThis.location?.href);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return url.href;
}
