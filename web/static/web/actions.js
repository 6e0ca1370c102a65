/**
 * What the player can do. Nothing here changes what the page shows. The change arrives over the streams like every
 * other, so that the page never shows what was not saved.
 */

import { ApiError } from "./api.js";
import { loadSystem, pollNow } from "./connection.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { call } from "./session.js";
import { answer, hush, say, sayFailure } from "./toast.js";

/**
 * @param {(error: ApiError) => void} [refused] shows a refusal to the player.
 * @returns {Promise<boolean>} whether it was done.
 */
async function attempt(method, path, body, refused = sayFailure) {
  hush();
  try {
    await call(method, path, body);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    refused(error);
    return false;
  }
  pollNow();
  return true;
}

/** Read `/api/system` again, which tells for example whether a season runs. */
export async function refreshSystem() {
  try {
    await loadSystem();
  } catch {
    // The next caller asks again.
  }
}

function cannotJoin(error) {
  sayFailure(error);
  if (["no_season", "closed_hours"].includes(error.code)) refreshSystem(); // what the page knew of it is out of date
}

/**
 * Wait for a match, or change the roles of an entry.
 *
 * @param {string[]} roles best first.
 * @param {(error: ApiError) => void} [tooSoon] is given the refusal of a change that comes too soon after another.
 * @returns {Promise<boolean>} whether it was done.
 */
export const joinQueue = (roles, tooSoon = cannotJoin) =>
  attempt("POST", "/queue/join", { selected_roles: roles }, (error) => (error.code === "too_soon" ? tooSoon : cannotJoin)(error));
export const leaveQueue = () => attempt("POST", "/queue/leave", {});
export const setLobby = (matchId, lobbyId, refused) => attempt("PUT", `/matches/${matchId}/lobby`, { lobby_id: lobbyId }, refused);
export const makeHost = (matchId, userId) => attempt("POST", `/matches/${matchId}/host`, { user_id: userId });
export const markMissing = (matchId, userId) => attempt("POST", `/matches/${matchId}/missing`, { user_id: userId });
export const report = (matchId, fields, refused) => attempt("POST", `/matches/${matchId}/report`, fields, refused);
export const saveProfile = (fields, refused) => attempt("PATCH", "/users/me/profile", fields, refused);
export const saveDiscord = (fields, refused) => attempt("PUT", "/users/me/discord", fields, refused);
export const saveBlocked = (userIds) => attempt("PATCH", "/users/me/profile", { blocked_user_ids: userIds });
export const deleteAccount = (name, refused) => attempt("DELETE", "/users/me", { trainer_name: name }, refused);
export const equip = (badges) => attempt("PUT", "/users/me/badges/equip", { badges });

/** Download everything that is stored about the player. */
export async function downloadData() {
  hush();
  let data;
  try {
    data = await call("GET", "/users/me/export");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    sayFailure(error);
    return;
  }
  const address = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
  h("a", { href: address, download: `unitemate-account-${data.account.user_id}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // by then the browser has read it
}

/** Copy a text to the clipboard, and show in the button that it was done. */
export async function copy(text, button) {
  hush();
  try {
    await navigator.clipboard.writeText(text);
    answer(button, t("copied"));
  } catch {
    say("error", t("not_copied"));
  }
}
