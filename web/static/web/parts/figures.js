/** A player's rating and record in numbers. */

import { h, setText } from "../dom.js";
import { formatNumber, formatPercent, t } from "../i18n.js";

function figure(label) {
  const value = h("dd.figures");
  return { value, element: h("div", {}, h("dt", {}, t(label)), value) };
}

export function figures() {
  const [rate, best, count, wins] = ["me.rate", "me.max_rate", "me.matches", "me.win_rate"].map(figure);
  return {
    element: h("dl.facts.pairs", {}, ...[rate, best, count, wins].map(({ element }) => element)),

    /** @param {object} player with the fields of an account or of a public profile. */
    update(player) {
      setText(rate.value, formatNumber(player.rate));
      setText(best.value, formatNumber(player.max_rate));
      setText(count.value, formatNumber(player.match_count));
      setText(wins.value, player.match_count > 0 ? formatPercent(player.win_rate) : t("none"));
    },
  };
}
