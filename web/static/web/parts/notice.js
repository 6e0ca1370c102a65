/** The last thing that somebody else, or a time limit, did to the player. It is shown until the player has seen it. */

import { h, setText, show } from "../dom.js";
import { formatNumber, formatTime, has, t } from "../i18n.js";
import { BARRED_AT } from "../join-refusal.js";
import { local } from "../storage.js";

const SEEN = "unitemate.notice"; // stored: the player and the time of the notice that was seen last

/** The sentences for a notice. */
function sentences({ code, why, requeued, at_fault: atFault, points, until, season, rate, ...rest }, me) {
  const values = { points: formatNumber(points ?? 0), season, rate: formatNumber(rate ?? 0), time: until ? formatTime(until) : "" };
  const what = [`notice.${code}.${why}`, `notice.${code}.text`].find(has) ?? "notice.other";
  const lines = [t(what, values)];
  if (code === "match_void" && atFault) lines.push(t("notice.at_fault"));
  else if (code === "match_void" && requeued) lines.push(t("notice.requeued"));
  else if (code === "match_void" && !me.queue) lines.push(t("notice.not_requeued")); // else they are back in the queue
  if (rest.reason) lines.push(reasonWords(rest.reason));
  const barred = (me.penalty?.points ?? 0) >= BARRED_AT;
  if (until) lines.push(barred ? t("shut.barred", { points: me.penalty.points }) : t("notice.until", values));
  return lines;
}

/** Why a penalty was given: by a rule, or in words of staff for the player. */
const reasonWords = (reason) => t("notice.reason", { reason: has(`penalty.${reason}`) ? t(`penalty.${reason}`) : reason });

/** Why the player has a penalty, if the last notice tells it. */
export function penaltyReason({ notice }) {
  const reason = notice?.reason ?? (notice?.at_fault ? notice.why : null);
  return reason ? reasonWords(reason) : "";
}

export function playerNotice() {
  let shown = null; // the key of the notice that is shown
  let seen = local.get(SEEN);

  const text = h("p", { dir: "auto" });
  const at = h("time.quiet.figures");
  const close = h("button.quiet", { type: "button", onclick: dismiss }, t("notice.close"));
  const element = h("div.notice", { role: "status", hidden: true }, h("div", {}, text, at), close);

  function dismiss() {
    seen = shown;
    local.set(SEEN, seen);
    show(element, false);
  }

  return {
    element,

    update({ me }) {
      const notice = me?.notice ?? null;
      const key = notice && `${me.user_id} ${notice.at}`;
      shown = key;
      show(element, key !== null && key !== seen);
      if (element.hidden) return;
      setText(text, sentences(notice, me).join(" "));
      setText(at, formatTime(notice.at));
      at.dateTime = notice.at;
    },
  };
}
