/** The button that joins the queue. Beside it stands why it is disabled and until when. It is enabled again by itself. */

import { refreshSystem } from "../actions.js";
import { serverNow } from "../api.js";
import { busy, h, setText, show } from "../dom.js";
import { formatClock, formatTime, t } from "../i18n.js";
import { joinRefusal } from "../join-refusal.js";
import { FEWEST } from "../roles.js";
import { store } from "../store.js";
import { penaltyReason } from "./notice.js";

const AGAIN = 60_000; // milliseconds between requests that ask whether a season has begun, which no stream tells

let asked = 0;
let made = 0;

/**
 * @param {string} words of the button.
 * @param {() => Promise<void>} work
 * @param {object} [wish]
 * @param {boolean} [wish.needsRoles] whether it is disabled until roles are chosen.
 */
export function startButton(words, work, { needsRoles = true } = {}) {
  made += 1;
  const why = h("span", { id: `start-why-${made}` });
  const left = h("span.figures");
  const reason = h("p.start-why", { hidden: true }, why, left);
  const button = h("button.act.big", { type: "button", "aria-describedby": why.id, onclick: () => busy(button, work).finally(part.tick) }, words);

  /** The refusal in words. */
  function sentence({ code, until }, { me }) {
    const time = until === null ? "" : formatTime(until);
    const given = ["penalty", "barred"].includes(code) ? penaltyReason(me) : "";
    return [t(`shut.${code}`, { time, points: me.penalty?.points }), given].filter(Boolean).join(" ");
  }

  const part = {
    element: h("div.start", {}, reason, button),

    /** Draw what depends on the time. To be called every second. */
    tick() {
      const { state } = store;
      const now = serverNow();
      const refusal = joinRefusal(state, now);
      const isUnready = needsRoles && state.chosen.length < FEWEST;
      if (button.getAttribute("aria-busy") !== "true") button.disabled = refusal !== null || isUnready;
      show(reason, refusal !== null);
      if (refusal === null) return;
      setText(why, sentence(refusal, state));
      setText(left, refusal.until === null ? "" : t("shut.left", { time: formatClock(Math.ceil((refusal.until - now) / 1000)) }));
      if (refusal.code === "no_season" && document.visibilityState === "visible" && now - asked > AGAIN) {
        asked = now;
        refreshSystem();
      }
    },
  };
  return part;
}
