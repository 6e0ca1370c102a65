/**
 * Short messages at the bottom of the window, wherever the page is scrolled to. Each goes by itself, or at a tap.
 *
 * What is wrong with a field is said at the field (`refusal.js`), and success in the button that was pressed.
 */

import { ApiError } from "./api.js";
import { setText } from "./dom.js";
import { t } from "./i18n.js";

const LASTING = 8000; // milliseconds that a message stays
const ANSWERED = 2500; // milliseconds that a button says what was done

const toast = document.getElementById("toast");
const regions = { done: toast.querySelector("[role=status]"), error: toast.querySelector("[role=alert]") };
const unseen = document.getElementById("heard");

let timer = null;

/** Show the player what happened. @param {"error"|"done"} kind */
export function say(kind, text) {
  hush();
  setText(regions[kind], text);
  stay();
}

/** Show the player why something failed. */
export const sayFailure = (error) => say("error", error instanceof ApiError ? error.words : t("error.failed"));

/** Take the message away. */
export function hush() {
  clearTimeout(timer);
  for (const region of Object.values(regions)) setText(region, "");
}

/** Tell those who hear the page what the others see in a button. */
export function tell(text) {
  setText(unseen, "");
  setText(unseen, text);
}

function stay() {
  clearTimeout(timer);
  timer = setTimeout(hush, LASTING);
}

toast.addEventListener("click", hush);
toast.addEventListener("pointerenter", () => clearTimeout(timer)); // somebody is reading it
toast.addEventListener("pointerleave", stay);

/** Say in a button that what it does was done; for a while, then it has its usual words again. */
export function answer(button, text) {
  const usual = button.textContent;
  if (usual === text) return;
  setText(button, text);
  tell(text);
  setTimeout(() => {
    if (button.textContent === text) setText(button, usual);
  }, ANSWERED);
}
