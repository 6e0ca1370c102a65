/** What came out of a match: the votes so far, then the result and what it did to the rating. */

import { joinQueue } from "../actions.js";
import { busy, h, setData, setText, show } from "../dom.js";
import { formatNumber, formatSigned, t } from "../i18n.js";
import { FEWEST } from "../roles.js";
import { store } from "../store.js";

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
  const rating = h("p.rating", {}, h("span.quiet", {}, t("me.rate")), rate, delta);
  const again = h("button.act", { type: "button", onclick: () => busy(again, queueAgain) }, t("result.again"));
  const close = h("button.quiet", { type: "button", onclick: putAway }, t("result.close"));
  let shown = null;

  async function queueAgain() {
    const { chosen } = store.state;
    if (chosen.length < FEWEST || (await joinQueue(chosen))) putAway();
  }

  function putAway() {
    store.set({ dismissed: shown });
  }

  return {
    element: h("div.result", { role: "status" }, headline, explanation, votes, rating, h("div.row", {}, again, close)),

    update(match, me, account) {
      shown = match.match_id;
      const done = match.status === "done";
      const outcome = done ? outcomeFor(match, match.players[me].team) : null;
      const change = match.rate_deltas?.[me] ?? 0;
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
