/** The players whom the player does not want to be matched with; nobody else learns of them. */

import { saveBlocked } from "./actions.js";
import { call } from "./session.js";

/** @returns {Promise<string[]>} their ids. */
export async function blockedIds() {
  return (await call("GET", "/users/me/profile")).blocked_user_ids;
}

/**
 * Block a player, or no longer.
 *
 * @returns {Promise<boolean>} whether it was done.
 */
export async function setBlocked(userId, blocked) {
  const others = (await blockedIds()).filter((other) => other !== userId);
  return saveBlocked(blocked ? [...others, userId] : others);
}
