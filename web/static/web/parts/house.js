/** The organisers' announcement: a line of plain text at the top of the page. */

import { serverNow } from "../api.js";
import { h, setText, show } from "../dom.js";
import { language } from "../i18n.js";

/** The text in the page's language, or else in the other. */
export const inLanguage = (texts) => texts?.[language] || texts?.ja || texts?.en || "";

export function houseNotice() {
  const element = h("p.banner.house", { role: "status", hidden: true });

  function update({ queue }) {
    const said = queue?.announcement;
    const over = said?.until && Date.parse(said.until) <= serverNow();
    const text = over ? "" : inLanguage(said);
    setText(element, text);
    show(element, text !== "");
  }

  return { element, update, tick: update };
}
