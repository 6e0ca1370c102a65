/** The player beside the game: name, badges, rating, and how the latest matches went. */

import { h, setText, show } from "../dom.js";
import { formatTime, t } from "../i18n.js";
import { badgeRow } from "./badges.js";
import { figures } from "./figures.js";
import { recordList, recordsWatch } from "./records.js";

const RECORDS = 5;

export function summary() {
  const name = h("h2", { dir: "auto" });
  const badges = badgeRow();
  const numbers = figures();
  const penalty = h("p.problem");
  const records = recordList("/users/me/records", RECORDS).brief();
  const watch = recordsWatch(async () => {
    await records.read();
  });

  return {
    element: h(
      "section.card",
      {},
      h("div.title-line", {}, name, badges.element, h("a.quiet", { href: "#me" }, t("page.me"))),
      numbers.element,
      penalty,
      h("h3", {}, t("record.title")),
      records.element,
    ),

    update(state) {
      const { me } = state;
      setText(name, me.trainer_name);
      badges.update(me.badges?.equipped);
      numbers.update(me);
      show(penalty, Boolean(me.penalty?.until));
      if (me.penalty?.until) setText(penalty, t("me.penalty", { time: formatTime(me.penalty.until) }));
      watch(state);
    },
  };
}
