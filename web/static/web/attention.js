/**
 * Catching the player's attention when a match is found, wherever they look: a sound, the tab's icon,
 * a system notification. The sound is made here, from two sine tones; no file is loaded.
 */

const SOUND = "unitemate.sound"; // localStorage: "off" where it is not wanted
const ANNOUNCED = "unitemate.announced"; // localStorage: the match that some tab has announced
const NOTES = [659.25, 880, 1174.66]; // hertz: e, a, d
const STEP = 0.16; // seconds from note to note
const ROUNDS = 3;

let audio = null;

/** A browser lets a page sound only once its visitor has touched it. */
function unlock() {
  if (!window.AudioContext) return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().catch(() => {});
}
for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, unlock, { capture: true, passive: true });

export const wantsSound = () => localStorage.getItem(SOUND) !== "off";

export function setSound(wanted) {
  localStorage.setItem(SOUND, wanted ? "on" : "off");
  if (wanted) chime(1);
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

/** "granted", "denied", "default" (not asked yet), or null where there are no notifications. */
export const notificationPermission = () => window.Notification?.permission ?? null;

/** Ask whether notifications may be shown; to be called at a click. */
export const askForNotifications = () => window.Notification.requestPermission();

/**
 * Announce a match, in one of the player's tabs only, and once.
 *
 * @param {string} matchId
 * @param {{title: string, body: string}} words
 */
export async function announce(matchId, words) {
  const first = () => {
    if (localStorage.getItem(ANNOUNCED) === matchId) return;
    localStorage.setItem(ANNOUNCED, matchId);
    if (wantsSound()) {
      chime(ROUNDS);
      navigator.vibrate?.([200, 100, 200]);
    }
    notify(matchId, words);
  };
  // A tab that can sound goes before those that cannot.
  if (audio?.state !== "running") await new Promise((resolve) => setTimeout(resolve, 300));
  if (navigator.locks) await navigator.locks.request(ANNOUNCED, first);
  else first();
}

function notify(matchId, { title, body }) {
  if (notificationPermission() !== "granted" || (document.visibilityState === "visible" && document.hasFocus())) return;
  try {
    const notification = new Notification(title, { body, tag: matchId, icon: icons().found, requireInteraction: true });
    notification.onclick = () => {
      window.focus();
      notification.close();
    };
  } catch {
    // Some phones offer notifications to service workers only.
  }
}

const link = document.querySelector("link[rel=icon]");
const icons = () => ({ usual: link.dataset.usual, found: link.dataset.found });

/** Show in the tab's icon whether the page has something for the player to do. */
export function setIcon(waiting) {
  const wanted = icons()[waiting ? "found" : "usual"];
  if (link.getAttribute("href") !== wanted) link.setAttribute("href", wanted);
}
