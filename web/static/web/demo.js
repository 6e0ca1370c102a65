/** Signing in by name, which servers allow for development. */

import { ApiError, request } from "./api.js";
import { open } from "./session.js";
import { session as kept } from "./storage.js";

const KEY = "unitemate.session"; // {name, token, expiresAt}, for reloads of this tab

const isGood = (value) => typeof value?.name === "string" && typeof value.token === "string" && Number.isFinite(value.expiresAt);

/**
 * Sign in as a demo player.
 *
 * @param {string} name
 * @throws {ApiError}
 */
export async function signIn(name) {
  start(name, await login(name));
}

/** Continue as the demo player of before the reload. @returns {string|null} the player's name. */
export function resume() {
  const earlier = kept.json(KEY, isGood);
  if (earlier) start(earlier.name, earlier);
  return earlier?.name ?? null;
}

function start(name, { token, expiresAt }) {
  open({ token, expiresAt, renew: () => renew(name), leave: () => kept.remove(KEY) });
}

async function login(name) {
  const answer = await request("POST", "/auth/dev/login", { body: { name } });
  const session = { name, token: answer.token, expiresAt: Date.now() + answer.expires_in * 1000 };
  kept.set(KEY, JSON.stringify(session));
  return session;
}

async function renew(name) {
  try {
    return await login(name);
  } catch (error) {
    const refused = error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
    if (!refused) throw error;
    kept.remove(KEY);
    return null;
  }
}
