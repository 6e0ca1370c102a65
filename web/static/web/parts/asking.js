/** A button that asks before it acts, for what cannot be undone. */

import { busy, h, show } from "../dom.js";

/**
 * @param {object} words
 * @param {string} words.act of the button.
 * @param {string} words.question
 * @param {string} words.yes
 * @param {string} words.no
 * @param {() => Promise<boolean>} work tells whether it was done. If so, the question stays, and the caller hides it.
 */
export function askingButton({ act, question, yes, no }, work) {
  const button = h("button", { type: "button", onclick: () => turn(true) }, act);
  const confirm = h("button.danger", { type: "button", onclick: () => busy(confirm, attempt) }, yes);
  const cancel = h("button.quiet", { type: "button", onclick: () => turn(false) }, no);
  const asked = h("div.confirm", { role: "group", hidden: true }, h("p", {}, question), h("div.row", {}, cancel, confirm));

  async function attempt() {
    if (!(await work())) turn(false);
  }

  function turn(isAsked) {
    draw(isAsked);
    (isAsked ? cancel : button).focus();
  }

  function draw(isAsked) {
    show(asked, isAsked);
    show(button, !isAsked);
  }

  return {
    button,
    question: asked,

    /** Withdraw the question. */
    close: () => draw(false),
  };
}
