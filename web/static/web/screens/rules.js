/** The rules: how a match goes, and what is expected of its players. */

import { h, setText } from "../dom.js";
import { formatExactSpan, t } from "../i18n.js";

const CHAPTERS = ["queue", "host", "join", "result", "conduct", "rating"];

export function rulesScreen() {
  const chapters = CHAPTERS.map((name) => ({ name, text: h("p") }));
  return {
    element: h(
      "section.card.rules",
      {},
      h("h2", {}, t("page.rules")),
      ...chapters.map(({ name, text }) => h("div", {}, h("h3", {}, t(`rules.${name}.title`)), text)),
    ),

    update({ system }) {
      const values = Object.fromEntries(Object.entries(system.limits).map(([name, limit]) => [name, formatExactSpan(limit)]));
      for (const { name, text } of chapters) setText(text, t(`rules.${name}.text`, values));
    },
  };
}
