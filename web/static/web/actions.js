/**
 * What the player can do. Nothing here changes what is shown: the server's answer arrives over the
 * streams like every other change, so that the page never shows what was not saved.
 */

import { ApiError } from "./api.js";
import { pollNow } from "./connection.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { call } from "./session.js";
import { store } from "./store.js";

/** Show the player what happened. @param {"error"|"done"} kind */
export function say(kind, text) {
  store.set({ notice: { kind, text } });
}

/** @returns {Promise<boolean>} whether it was done; a refusal is shown to the player. */
async function attempt(method, path, body, done = null) {
  store.set({ notice: null });
  try {
    await call(method, path, body);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    say("error", error.words);
    return false;
  }
  pollNow();
  if (done !== null) say("done", t(done));
  return true;
}

export const joinQueue = (roles) => attempt("POST", "/queue/join", { selected_roles: roles });
export const leaveQueue = () => attempt("POST", "/queue/leave", {});
export const setLobby = (matchId, lobbyId) => attempt("PUT", `/matches/${matchId}/lobby`, { lobby_id: lobbyId });
export const makeHost = (matchId, userId) => attempt("POST", `/matches/${matchId}/host`, { user_id: userId });
export const markMissing = (matchId, userId) => attempt("POST", `/matches/${matchId}/missing`, { user_id: userId }, "missing.done");
export const report = (matchId, result, violations) =>
  attempt("POST", `/matches/${matchId}/report`, { result, violations });
export const saveProfile = (fields) => attempt("PATCH", "/users/me/profile", fields, "profile.saved");
export const saveDiscord = (fields) => attempt("PUT", "/users/me/discord", fields, "profile.saved");
export const saveBlocked = (userIds) => attempt("PATCH", "/users/me/profile", { blocked_user_ids: userIds });
export const deleteAccount = (name) => attempt("DELETE", "/users/me", { trainer_name: name });
export const equip = (badges) => attempt("PUT", "/users/me/badges/equip", { badges });

/** Have the browser keep everything that is stored of the player. */
export async function downloadData() {
  store.set({ notice: null });
  let data;
  try {
    data = await call("GET", "/users/me/export");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    say("error", error.words);
    return;
  }
  const address = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
  h("a", { href: address, download: `unitemate-account-${data.account.user_id}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // by then the browser has taken it
}

/** Put a text on the clipboard, and say so. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say("done", t("copied"));
  } catch {
    say("error", t("not_copied"));
  }
}
