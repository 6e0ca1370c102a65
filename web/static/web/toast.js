/**
 * Short messages at the bottom of the window, wherever the page is scrolled to. Each disappears after a while or at a tap.
 *
 * An error about a field is shown at the field (`refusal.js`). Success is shown in the button that was pressed.
 */

import { ApiError } from "./api.js";
import { setText } from "./dom.js";
import { t } from "./i18n.js";

const LASTING = 8000; // milliseconds that a message stays
const ANSWERED = 2500; // milliseconds that a button shows what was done

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

/** Tell screen readers what a button shows. */
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

/** Show in a button for a while that its work was done. Then it has its usual words again. */
export function answer(button, text) {
  const usual = button.textContent;
  if (usual === text) return;
  setText(button, text);
  tell(text);
  setTimeout(() => {
    if (button.textContent === text) setText(button, usual);
  }, ANSWERED);
}
