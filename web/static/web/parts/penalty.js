/** What the player may not do because of a penalty. Nothing once its time is over. */

import { serverNow } from "../api.js";
import { h, setText, show } from "../dom.js";
import { formatTime, t } from "../i18n.js";
import { BARRED_AT } from "../join-refusal.js";

/** The sentence, or null. */
export function penaltySentence({ penalty }) {
  if ((penalty?.points ?? 0) >= BARRED_AT) return t("shut.barred", { points: penalty.points });
  if (!penalty?.until || Date.parse(penalty.until) <= serverNow()) return null;
  return t("me.penalty", { time: formatTime(penalty.until) });
}

export function penaltyLine() {
  const element = h("p.problem", { hidden: true });
  return {
    element,

    /** To be called every second. */
    update(me) {
      const sentence = me ? penaltySentence(me) : null;
      show(element, sentence !== null);
      if (sentence !== null) setText(element, sentence);
    },
  };
}
