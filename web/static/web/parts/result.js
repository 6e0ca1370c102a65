/** The result of a match: the votes so far, then the outcome and the change of the rating. */

import { joinQueue } from "../actions.js";
import { h, setData, setText, show } from "../dom.js";
import { formatNumber, formatSigned, t } from "../i18n.js";
import { taggedName } from "../names.js";
import { ownReport } from "../own-report.js";
import { FEWEST } from "../roles.js";
import { store } from "../store.js";
import { startButton } from "./start.js";

/** A finished match's outcome for a player of this team. */
export function outcomeFor(match, team) {
  if (match.result === "invalid") return "void";
  return match.result === `${team}-win` ? "win" : "loss";
}

export function result() {
  const headline = h("p.display");
  const explanation = h("p.lead");
  const votes = h("progress", { max: "10", "aria-label": t("result.votes_label") });
  const delta = h("span.delta.figures");
  const rate = h("span.figures");
  const own = h("p.quiet");
  const rating = h("p.rating", {}, h("span.quiet", {}, t("me.rate")), rate, delta);
  const again = startButton(t("result.again"), queueAgain, { needsRoles: false });
  const close = h("button.quiet", { type: "button", onclick: putAway }, t("result.close"));
  let shown = null;
  let asked = null; // the match whose own report is shown

  /** Show what the player has reported. */
  async function drawOwn(match, me) {
    if (asked === match.match_id) return;
    asked = match.match_id;
    setText(own, "");
    let report;
    try {
      report = await ownReport(match.match_id);
    } catch {
      asked = null; // so that the next change asks again
      return;
    }
    if (asked !== match.match_id || report === null) return;
    const outcome = outcomeFor(report, match.players[me]?.team);
    const reason = report.reason ? t("result.own_reason", { reason: t(`reason.${report.reason}`) }) : "";
    const names = report.violations.map((userId) => match.players[userId]).filter(Boolean).map(taggedName);
    const named = names.length > 0 ? t("result.own_named", { names: names.join(t("comma")) }) : "";
    setText(own, [t("result.own", { outcome: t(`outcome.${outcome}`) }), reason, named].filter(Boolean).join(" "));
  }

  async function queueAgain() {
    const { chosen } = store.state;
    if (chosen.length < FEWEST || (await joinQueue(chosen))) putAway();
  }

  function putAway() {
    store.set({ dismissed: shown });
  }

  return {
    element: h("div.result", { role: "status" }, headline, explanation, votes, own, rating, again.element, close),

    tick: again.tick,

    update(match, me, account) {
      again.tick();
      shown = match.match_id;
      const done = match.status === "done";
      const outcome = done ? outcomeFor(match, match.players[me].team) : null;
      const change = match.rate_deltas?.[me] ?? 0;
      show(own, match.players[me].reported === true);
      if (!own.hidden) drawOwn(match, me);
      setText(headline, done ? t(`outcome.${outcome}`) : t("result.thanks"));
      setData(headline, "outcome", outcome);
      setText(explanation, done ? t(`result.${outcome}`) : t("result.votes", { n: match.report_count }));
      show(votes, !done);
      votes.value = match.report_count;
      show(rating, done);
      setText(rate, formatNumber(account.rate));
      setText(delta, formatSigned(change));
      setData(delta, "sign", Math.sign(change));
    },
  };
}
