/**
 * What the player can do. Nothing here changes what is shown: the server's answer arrives over the
 * streams like every other change, so that the page never shows what was not saved.
 */

import { ApiError } from "./api.js";
import { t } from "./i18n.js";
import { call } from "./session.js";
import { store } from "./store.js";

/** @returns {Promise<boolean>} whether it was done; a refusal is shown to the player. */
async function attempt(method, path, body, done = null) {
  store.set({ notice: null });
  try {
    await call(method, path, body);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    store.set({ notice: { kind: "error", text: error.words } });
    return false;
  }
  if (done !== null) store.set({ notice: { kind: "done", text: t(done) } });
  return true;
}

export const joinQueue = (roles) => attempt("POST", "/queue/join", { selected_roles: roles });
export const leaveQueue = () => attempt("POST", "/queue/leave", {});
export const setLobby = (matchId, lobbyId) => attempt("PUT", `/matches/${matchId}/lobby`, { lobby_id: lobbyId });
export const makeHost = (matchId, userId) => attempt("POST", `/matches/${matchId}/host`, { user_id: userId });
export const report = (matchId, result, violations) =>
  attempt("POST", `/matches/${matchId}/report`, { result, violations });
export const saveProfile = (fields) => attempt("PATCH", "/users/me/profile", fields, "profile.saved");

/** Put a text on the clipboard, and say so. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    store.set({ notice: { kind: "done", text: t("copied") } });
  } catch {
    store.set({ notice: { kind: "error", text: t("not_copied") } });
  }
}
