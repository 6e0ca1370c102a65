/** The leaderboard: the first places, and the player's own. */

import { h, show } from "../dom.js";
import { formatNumber, formatPercent, t } from "../i18n.js";
import { call } from "../session.js";

const PLACES = 20;

function row(place, me) {
  return h(
    "li.rank",
    { "data-me": place.user_id === me ? "" : null },
    h("span.rank-place.figures", {}, formatNumber(place.rank)),
    h("bdi.rank-name", {}, place.trainer_name),
    h("span.figures.quiet", {}, formatPercent(place.win_rate)),
    h("span.figures", {}, formatNumber(place.rate)),
  );
}

export function rankingScreen() {
  const list = h("ol.ranking");
  const empty = h("p.quiet", { hidden: true }, t("ranking.none"));
  const failed = h("p.problem", { hidden: true }, t("error.failed"));

  return {
    element: h("section.card", {}, h("h2", {}, t("ranking.title")), list, empty, failed),

    /** Read the leaderboard; it is not a stream, so this is done when the player comes to look. */
    async open({ me }) {
      try {
        const { results, me: own } = await call("GET", `/users/ranking?page_size=${PLACES}`);
        const outside = own && !results.some((place) => place.user_id === own.user_id);
        list.replaceChildren(...[...results, ...(outside ? [own] : [])].map((place) => row(place, me.user_id)));
        show(empty, results.length === 0);
        show(failed, false);
      } catch {
        show(failed, true);
      }
    },
  };
}
