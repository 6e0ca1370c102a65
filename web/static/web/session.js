/**
 * Who is signed in. `demo.js` and `auth0.js` sign players in and open a session here. The token is kept in memory only,
 * for as long as this page lives.
 */

import { ApiError, request } from "./api.js";
import { limited } from "./limits.js";

const RENEWAL = 20; // seconds; a renewal that takes longer counts as failed, but its token is used if it comes later

let session = null; // {token, expiresAt, renew, leave}
let renewing = null; // one renewal at a time: a refresh token may be good for one use only

/**
 * Open a session for a player who has signed in.
 *
 * @param {object} opened
 * @param {string} opened.token
 * @param {number} opened.expiresAt milliseconds since 1970.
 * @param {() => Promise<{token: string, expiresAt: number}|null>} opened.renew brings a new token;
 *   null if the player must sign in again.
 * @param {() => void} opened.leave signs the player out with the module that opened the session.
 */
export function open(opened) {
  session = opened;
}

/** Whether somebody is signed in. */
export function isOpen() {
  return session !== null;
}

/** Sign out. */
export function signOut() {
  session?.leave();
  session = null;
}

/**
 * The access token.
 *
 * @param {object} [wish]
 * @param {boolean} [wish.fresh] whether to renew it even if it has not expired.
 * @returns {Promise<string|null>} null when nobody is signed in.
 */
export async function token({ fresh = false } = {}) {
  if (session === null) return null;
  if (!fresh && session.expiresAt > Date.now()) return session.token;
  renewing ??= limited(renew(session), RENEWAL).finally(() => {
    renewing = null;
  });
  await renewing;
  return session?.token ?? null;
}

async function renew(old) {
  const renewed = await old.renew();
  if (session !== old) return; // signed out meanwhile
  session = renewed && { ...old, ...renewed };
}

/**
 * Send a request as the player. If the token is refused, it is renewed and the request sent once more.
 *
 * @throws {ApiError}
 */
export async function call(method, path, body) {
  const first = await token();
  try {
    return await request(method, path, { body, token: first });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401 || first === null) throw error;
    return request(method, path, { body, token: await token({ fresh: true }) });
  }
}
