/** The leaderboard: the first places, more on demand, and the player's own. */

import { h, setText, show } from "../dom.js";
import { formatNumber, formatPercent, formatTime, t } from "../i18n.js";
import { nameTag } from "../names.js";
import { badgeRow } from "../parts/badges.js";
import { call } from "../session.js";

const PLACES = 25;

function row(place, me) {
  const badges = badgeRow();
  badges.update(place.badges);
  return h(
    "li.rank",
    { "data-me": place.user_id === me ? "" : null },
    h("span.rank-place.figures", {}, formatNumber(place.rank)),
    h("a.rank-name", { href: `#player/${place.user_id}`, dir: "auto" }, place.trainer_name),
    nameTag(place.tag),
    badges.element,
    h("span.figures.quiet.rank-wins", {}, formatPercent(place.win_rate)),
    h("span.figures.rank-rate", {}, formatNumber(place.rate)),
  );
}

export function rankingScreen() {
  const season = h("p.quiet", { hidden: true });
  const own = h("ol.ranking");
  const ownBox = h("div.own-rank", { hidden: true }, h("h3", {}, t("ranking.own")), own);
  const list = h("ol.ranking");
  const empty = h("p.quiet", { hidden: true }, t("ranking.none"));
  const failed = h("p.problem", { hidden: true }, t("error.failed"));
  const more = h("button.quiet", { type: "button", hidden: true, onclick: () => read(page + 1) }, t("ranking.more"));
  let page = 1;
  let me = null;

  async function read(wanted) {
    show(failed, false);
    try {
      const { results, next, me: mine } = await call("GET", `/users/ranking?page_size=${PLACES}&page=${wanted}`);
      page = wanted;
      if (page === 1) list.replaceChildren();
      list.append(...results.map((place) => row(place, me)));
      own.replaceChildren(...(mine ? [row(mine, me)] : []));
      show(ownBox, Boolean(mine));
      show(empty, list.childElementCount === 0);
      show(more, next !== null);
    } catch {
      show(failed, true);
    }
  }

  async function readSeason() {
    const running = await call("GET", "/seasons/active");
    show(season, running !== null);
    if (running?.ends_at) setText(season, t("ranking.season_until", { name: running.name, time: formatTime(running.ends_at) }));
    else if (running) setText(season, t("ranking.season", { name: running.name }));
  }

  return {
    element: h("section.card", {}, h("h2", {}, t("page.ranking")), season, ownBox, list, empty, failed, more),

    /** Read the leaderboard; it is not a stream, so this is done when the player comes to look. */
    open(state) {
      me = state.me.user_id;
      read(1);
      readSeason().catch(() => show(season, false));
    },
  };
}
