/**
 * Calling the player when a match is found: by a sound, the tab's icon and a system notification. The sound is made here
 * from sine tones, so that no file is loaded.
 */

import { local } from "./storage.js";
import { store } from "./store.js";

const SOUND = "unitemate.sound"; // stored: "off" if the player wants no sound
const NOTIFIES = "unitemate.notifies"; // stored: "works" or "fails", the outcome of the last notification
const ANNOUNCED = "unitemate.announced"; // stored: the match that some tab has announced
const NOTES = [659.25, 880, 1174.66]; // hertz: e, a, d
const STEP = 0.16; // seconds from note to note
const ROUNDS = 3;

const GESTURES = ["pointerdown", "pointerup", "touchend", "keydown"]; // browsers differ in which of them counts as a touch

let audio = null;

/** A browser plays a page's sound only after a touch. A phone wants another touch after a call ("interrupted"). */
function unlock() {
  if (!window.AudioContext) return;
  if (audio === null) {
    audio = new AudioContext();
    audio.onstatechange = () => store.set({}); // the page shows the sound's state
  }
  resume();
}
for (const gesture of GESTURES) addEventListener(gesture, unlock, { capture: true, passive: true });

async function resume() {
  if (audio && audio.state !== "running") await audio.resume().catch(() => {}); // the next touch tries again
}

export const wantsSound = () => local.get(SOUND) !== "off";

/** The sound's state: "off", "ready", "blocked" until the player touches the page, or "none" if the browser has no sound. */
export function soundState() {
  if (!wantsSound()) return "off";
  if (!window.AudioContext) return "none";
  return audio?.state === "running" ? "ready" : "blocked";
}

export async function setSound(wanted) {
  local.set(SOUND, wanted ? "on" : "off");
  store.set({});
  if (!wanted) return;
  await resume();
  chime(1);
}

/** Play three rising notes. @param {number} rounds how often. */
function chime(rounds) {
  if (audio?.state !== "running") return;
  for (let round = 0; round < rounds; round += 1) {
    NOTES.forEach((pitch, index) => note(pitch, audio.currentTime + round * 0.8 + index * STEP));
  }
}

function note(pitch, at) {
  const oscillator = new OscillatorNode(audio, { frequency: pitch });
  const gain = new GainNode(audio, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.25, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.5);
}

/**
 * The state of notifications on this device: "none" (the browser has none), "default" (not asked yet), "denied",
 * "untried" (allowed), "works" or "fails". Some phones allow them and then show none for a page.
 */
export function notificationState() {
  const permission = window.Notification?.permission ?? "none";
  if (permission !== "granted") return permission;
  const known = local.get(NOTIFIES);
  return ["works", "fails"].includes(known) ? known : "untried";
}

/** Ask for the permission to show notifications, then show one to see whether it works. To be called at a click. */
export async function tryNotifications(words) {
  if (window.Notification.permission === "default") await window.Notification.requestPermission();
  if (window.Notification.permission === "granted") notify("unitemate", words, {});
}

/** Whether this match has been announced in this browser. */
export const wasAnnounced = (matchId) => local.get(ANNOUNCED) === matchId;

/**
 * Announce a match once, in only one of the player's tabs.
 *
 * @param {string} matchId
 * @param {{title: string, body: string}} words
 */
export async function announce(matchId, words) {
  const first = () => {
    if (wasAnnounced(matchId)) return;
    local.set(ANNOUNCED, matchId);
    if (wantsSound()) {
      chime(ROUNDS);
      navigator.vibrate?.([200, 100, 200]);
    }
    const isSeen = document.visibilityState === "visible" && document.hasFocus();
    if (!isSeen && window.Notification?.permission === "granted") notify(matchId, words, { requireInteraction: true });
  };
  resume();
  // A tab that can play the sound comes before the others.
  if (audio?.state !== "running") await new Promise((resolve) => setTimeout(resolve, 300));
  if (navigator.locks) await navigator.locks.request(ANNOUNCED, first);
  else first();
}

function notify(tag, { title, body }, options) {
  try {
    const notification = new Notification(title, { body, tag, icon: icons().found, ...options });
    notification.onerror = () => remember("fails");
    notification.onclick = () => {
      window.focus();
      notification.close();
    };
    remember("works");
  } catch {
    remember("fails"); // on Android only a service worker may show one
  }
}

function remember(how) {
  local.set(NOTIFIES, how);
  store.set({});
}

const link = document.querySelector("link[rel=icon]");
const icons = () => ({ usual: link.dataset.usual, found: link.dataset.found });

/** Show in the tab's icon whether the player must act. */
export function setIcon(waiting) {
  const wanted = icons()[waiting ? "found" : "usual"];
  if (link.getAttribute("href") !== wanted) link.setAttribute("href", wanted);
}
