/** Messages between the tabs of one browser: a player has signed out. */

import { local } from "./storage.js";

const NAME = "unitemate.left"; // of the channel; without channels, of the item in localStorage that says who signed out last

const channel = openChannel();

function openChannel() {
  try {
    return new BroadcastChannel(NAME);
  } catch {
    return null; // an older browser, or one that lets pages store nothing
  }
}

/** Tell the other tabs. @param {string|null} userId */
export function tellLeft(userId) {
  if (channel) channel.postMessage(userId);
  else local.set(NAME, JSON.stringify({ userId, once: Math.random() })); // tabs are told only of a value that differs
}

/** Call `listener(userId)` when a player has signed out in another tab. The id is null if that tab did not know it. */
export function onLeft(listener) {
  if (channel) {
    channel.onmessage = ({ data }) => listener(data);
    return;
  }
  addEventListener("storage", ({ key }) => {
    const told = key === NAME && local.json(NAME, (value) => value !== null && "userId" in value);
    if (told) listener(told.userId);
  });
}
