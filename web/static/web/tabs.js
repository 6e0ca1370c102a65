/** What the tabs of one browser tell each other: that a player has signed out. */

import { local } from "./storage.js";

const NAME = "unitemate.left"; // of the channel; localStorage: where there are no channels, who has signed out last

const channel = openChannel();

function openChannel() {
  try {
    return new BroadcastChannel(NAME);
  } catch {
    return null; // an older browser, or one that lets pages keep nothing
  }
}

/** Tell the other tabs. @param {string|null} userId */
export function tellLeft(userId) {
  if (channel) channel.postMessage(userId);
  else local.set(NAME, JSON.stringify({ userId, once: Math.random() })); // only another value is heard
}

/** Call `listener(userId)` when a player has signed out in another tab; null: it is not known who. */
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
