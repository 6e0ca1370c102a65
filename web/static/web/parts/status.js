/** The state of the connection: a dot with a word, and in trouble a banner that says what still works. */

import { h, setData, setText, show } from "../dom.js";
import { t } from "../i18n.js";

const LASTING = 3000; // milliseconds of trouble before the banner is shown

export function connectionStatus(retry) {
  const word = h("span");
  const dot = h("span.connection-dot", { "aria-hidden": "true" });
  const element = h("p.connection", { role: "status" }, dot, word);
  const text = h("span");
  const again = h("button.quiet", { type: "button", onclick: retry }, t("connection.retry"));
  const banner = h("div.banner", { role: "alert", hidden: true }, text, again);
  let pending = null;

  return {
    element,
    banner,
    update({ connection, refused }) {
      setData(element, "state", connection);
      setText(word, t(`connection.${connection}`));
      show(again, refused !== null);
      const message = refused === null ? `connection.trouble.${connection}` : `connection.refused.${refused}`;
      clearTimeout(pending);
      if (connection === "live") {
        show(banner, false);
        return;
      }
      const appear = () => {
        setText(text, t(message));
        show(banner, true);
      };
      if (refused !== null || !banner.hidden) appear();
      else pending = setTimeout(appear, LASTING);
    },
  };
}
