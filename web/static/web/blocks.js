/** The players whom the player does not want to be matched with. Nobody else is told who they are. */

import { saveBlocked } from "./actions.js";
import { call } from "./session.js";

/** @returns {Promise<string[]>} their ids. */
export async function blockedIds() {
  return (await call("GET", "/users/me/profile")).blocked_user_ids;
}

/**
 * Block or unblock a player.
 *
 * @returns {Promise<boolean>} whether it was done.
 */
export async function setBlocked(userId, blocked) {
  const others = (await blockedIds()).filter((other) => other !== userId);
  return saveBlocked(blocked ? [...others, userId] : others);
}
