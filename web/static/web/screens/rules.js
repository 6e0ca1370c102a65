/** The rules: how a match goes, and what players are expected to do. */

import { h, setText, show } from "../dom.js";
import { formatExactSpan, t } from "../i18n.js";
import { inLanguage } from "../parts/house.js";

const CHAPTERS = ["queue", "host", "join", "result", "conduct", "rating"];

export function rulesScreen() {
  const chapters = CHAPTERS.map((name) => ({ name, text: h("p") }));
  const house = h("p.house-rules");
  const hours = h("p");
  const chapterOfHours = h("div", {}, h("h3", {}, t("rules.hours.title")), hours);
  return {
    element: h(
      "section.card.rules",
      {},
      h("h2", {}, t("page.rules")),
      house,
      chapterOfHours,
      ...chapters.map(({ name, text }) => h("div", {}, h("h3", {}, t(`rules.${name}.title`)), text)),
    ),

    update({ system }) {
      setText(house, inLanguage(system.rules));
      show(house, house.textContent !== "");
      show(chapterOfHours, system.match_hours !== null);
      setText(hours, t("rules.hours.text", { hours: system.match_hours }));
      const values = Object.fromEntries(Object.entries(system.limits).map(([name, limit]) => [name, formatExactSpan(limit)]));
      for (const { name, text } of chapters) setText(text, t(`rules.${name}.text`, values));
    },
  };
}
