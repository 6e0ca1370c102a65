/**
 * Catching the player's attention when a match is found, wherever they look: a sound, the tab's icon,
 * a system notification. The sound is made here, from two sine tones; no file is loaded.
 */

import { local } from "./storage.js";
import { store } from "./store.js";

const SOUND = "unitemate.sound"; // kept: "off" where it is not wanted
const NOTIFIES = "unitemate.notifies"; // kept: "works" or "fails", as it went when a notification was last shown
const ANNOUNCED = "unitemate.announced"; // kept: the match that some tab has announced
const NOTES = [659.25, 880, 1174.66]; // hertz: e, a, d
const STEP = 0.16; // seconds from note to note
const ROUNDS = 3;

const GESTURES = ["pointerdown", "pointerup", "touchend", "keydown"]; // which of them counts as one, browsers differ

let audio = null;

/** A browser lets a page sound only once its visitor has touched it, and on a phone again after a call ("interrupted"). */
function unlock() {
  if (!window.AudioContext) return;
  if (audio === null) {
    audio = new AudioContext();
    audio.onstatechange = () => store.set({}); // what is said of it changes
  }
  resume();
}
for (const gesture of GESTURES) addEventListener(gesture, unlock, { capture: true, passive: true });

async function resume() {
  if (audio && audio.state !== "running") await audio.resume().catch(() => {}); // the next touch tries again
}

export const wantsSound = () => local.get(SOUND) !== "off";

/** "off", "ready", "blocked" until the player touches the page, or "none" where the browser has no sound. */
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

/** Sound a rising figure. @param {number} rounds how often. */
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
 * What is known of notifications on this device: "none" (the browser has none), "default" (not asked yet), "denied",
 * "untried" (allowed), "works", or "fails": some phones allow them and then refuse to show one for a page.
 */
export function notificationState() {
  const permission = window.Notification?.permission ?? "none";
  if (permission !== "granted") return permission;
  const known = local.get(NOTIFIES);
  return ["works", "fails"].includes(known) ? known : "untried";
}

/** Ask whether notifications may be shown, and show one, which tells whether they can be; to be called at a click. */
export async function tryNotifications(words) {
  if (window.Notification.permission === "default") await window.Notification.requestPermission();
  if (window.Notification.permission === "granted") notify("unitemate", words, {});
}

/** Whether this match has been announced in this browser. */
export const wasAnnounced = (matchId) => local.get(ANNOUNCED) === matchId;

/**
 * Announce a match, in one of the player's tabs only, and once.
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
  // A tab that can sound goes before those that cannot.
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
    remember("fails"); // as on Android, where only service workers may show one
  }
}

function remember(how) {
  local.set(NOTIFIES, how);
  store.set({});
}

const link = document.querySelector("link[rel=icon]");
const icons = () => ({ usual: link.dataset.usual, found: link.dataset.found });

/** Show in the tab's icon whether the page has something for the player to do. */
export function setIcon(waiting) {
  const wanted = icons()[waiting ? "found" : "usual"];
  if (link.getAttribute("href") !== wanted) link.setAttribute("href", wanted);
}
