/** The leaderboard: the player's own place and the first players. A button shows more. */

import { queryOf } from "../api.js";
import { busy, h, setText, show } from "../dom.js";
import { formatNumber, formatPercent, formatTime, t } from "../i18n.js";
import { nameTag } from "../names.js";
import { badgeRow } from "../parts/badges.js";
import { call } from "../session.js";

const FIRST = "?page_size=25";

function row(place, me) {
  const badges = badgeRow();
  badges.update(place.badges);
  return h(
    "tr.rank",
    { "data-me": place.user_id === me ? "" : null },
    h("td.figures.rank-place", {}, formatNumber(place.rank)),
    h("th.rank-name", { scope: "row" }, h("div", {}, h("a", { href: `#player/${place.user_id}`, dir: "auto" }, place.trainer_name), nameTag(place.tag), badges.element)),
    h("td.figures.quiet", {}, formatPercent(place.win_rate)),
    h("td.figures.rank-rate", {}, formatNumber(place.rate)),
  );
}

function table(name, places) {
  const heads = ["rank", "name", "wins", "rate"].map((column) => h("th", { scope: "col" }, t(`ranking.head.${column}`)));
  return h("table.ranking", { "aria-label": name }, h("thead", {}, h("tr", {}, ...heads)), places);
}

export function rankingScreen() {
  const season = h("p.quiet", { hidden: true });
  const own = h("tbody");
  const ownBox = h("div.own-rank", { hidden: true }, h("h3", {}, t("ranking.own")), table(t("ranking.own"), own));
  const list = h("tbody");
  const all = table(t("page.ranking"), list);
  const empty = h("p.quiet", { hidden: true }, t("ranking.none"));
  const failed = h("p.problem", { role: "alert", hidden: true }, t("error.failed"));
  const more = h("button.quiet", { type: "button", hidden: true, onclick: () => busy(more, () => read(rest)) }, t("ranking.more"));
  let rest = null; // the query for the next page
  let me = null;

  async function read(query) {
    show(failed, false);
    try {
      const { results, next, me: mine } = await call("GET", `/users/ranking${query}`);
      rest = queryOf(next);
      if (query === FIRST) list.replaceChildren();
      list.append(...results.map((place) => row(place, me)));
      own.replaceChildren(...(mine ? [row(mine, me)] : []));
      show(ownBox, Boolean(mine));
      show(empty, list.childElementCount === 0);
      show(all, list.childElementCount > 0);
      show(more, rest !== null);
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
    element: h("section.card", {}, h("h2", {}, t("page.ranking")), season, ownBox, all, empty, failed, more),

    /** Read the leaderboard, which is no stream, when the page is opened. */
    open(state) {
      me = state.me.user_id;
      read(FIRST);
      readSeason().catch(() => show(season, false));
    },
  };
}
