/** The player in short, beside the game: name, badges, rating and the latest matches. */

import { h, setText } from "../dom.js";
import { t } from "../i18n.js";
import { badgeRow } from "./badges.js";
import { figures } from "./figures.js";
import { penaltyLine } from "./penalty.js";
import { recordList, recordsWatch } from "./records.js";

const RECORDS = 5;

export function summary() {
  const name = h("h2", { dir: "auto" });
  const badges = badgeRow();
  const numbers = figures();
  const penalty = penaltyLine();
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
      penalty.element,
      h("h3", {}, t("record.title")),
      records.element,
    ),

    update(state) {
      const { me } = state;
      setText(name, me.trainer_name);
      badges.update(me.badges?.equipped);
      numbers.update(me);
      penalty.update(me);
      watch(state);
    },

    tick: ({ me }) => penalty.update(me),
  };
}
