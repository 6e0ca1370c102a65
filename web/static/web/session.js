/** Who is signed in, for as long as this tab lives. */

import { ApiError, request } from "./api.js";

const KEY = "unitemate.session";

let session = JSON.parse(sessionStorage.getItem(KEY) ?? "null"); // {name, token, expiresAt}

/** The name under which somebody is signed in, or null. */
export function signedInAs() {
  return session?.name ?? null;
}

/**
 * Sign in as a demo player.
 *
 * @param {string} name
 * @throws {ApiError}
 */
export async function signIn(name) {
  const answer = await request("POST", "/auth/dev/login", { body: { name } });
  session = { name, token: answer.token, expiresAt: Date.now() + answer.expires_in * 1000 };
  sessionStorage.setItem(KEY, JSON.stringify(session));
}

/** Forget who is signed in. */
export function signOut() {
  session = null;
  sessionStorage.removeItem(KEY);
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
  try {
    await signIn(session.name);
  } catch (error) {
    const refused = error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
    if (!refused) throw error;
    signOut();
  }
  return session?.token ?? null;
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
    if (error.status !== 401 || first === null) throw error;
    return request(method, path, { body, token: await token({ fresh: true }) });
  }
}
