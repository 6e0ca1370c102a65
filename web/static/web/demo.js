/** Signing in by name, where the server allows it, as it does for development. */

import { ApiError, request } from "./api.js";
import { open } from "./session.js";

const KEY = "unitemate.session"; // {name, token, expiresAt}, for reloads of this tab

/**
 * Sign in as a demo player.
 *
 * @param {string} name
 * @throws {ApiError}
 */
export async function signIn(name) {
  start(name, await login(name));
}

/** Go on as the demo player of before the reload. @returns {string|null} the player's name. */
export function resume() {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  if (kept) start(kept.name, kept);
  return kept?.name ?? null;
}

function start(name, { token, expiresAt }) {
  open({ token, expiresAt, renew: () => renew(name), leave: () => sessionStorage.removeItem(KEY) });
}

async function login(name) {
  const answer = await request("POST", "/auth/dev/login", { body: { name } });
  const kept = { name, token: answer.token, expiresAt: Date.now() + answer.expires_in * 1000 };
  sessionStorage.setItem(KEY, JSON.stringify(kept));
  return kept;
}

async function renew(name) {
  try {
    return await login(name);
  } catch (error) {
    const refused = error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
    if (!refused) throw error;
    sessionStorage.removeItem(KEY);
    return null;
  }
}
