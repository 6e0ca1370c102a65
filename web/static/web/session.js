/**
 * Who is signed in, for as long as this page lives. How one signs in is the business of `demo.js` and
 * `auth0.js`, which open a session here; the token is kept in memory only.
 */

import { ApiError, request } from "./api.js";
import { limited } from "./limits.js";

const RENEWAL = 20; // seconds; what takes longer is a failure, unless it comes all the same

let session = null; // {token, expiresAt, renew, leave}
let renewing = null; // one renewal at a time: a refresh token may be good for one use only

/**
 * Somebody has signed in.
 *
 * @param {object} opened
 * @param {string} opened.token
 * @param {number} opened.expiresAt milliseconds since 1970.
 * @param {() => Promise<{token: string, expiresAt: number}|null>} opened.renew brings a new token;
 *   null when there is none to be had any more.
 * @param {() => void} opened.leave forgets the player where the session came from.
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
 * @param {boolean} [wish.fresh] whether a new one is wanted even though the old one has not expired.
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
 * Ask the API as the player, once more with a new token where the first was not accepted.
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
