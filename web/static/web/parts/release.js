/** The offer to reload, when the server has another release. Parts that this page has yet to fetch may not fit it. */

import { h, show } from "../dom.js";
import { t } from "../i18n.js";

export const reloadButton = () => h("button.quiet", { type: "button", onclick: () => location.reload() }, t("release.reload"));

export function releaseNotice() {
  const element = h("div.banner.house.release", { role: "status", hidden: true }, h("span", {}, t("release.new")), " ", reloadButton());
  return { element, update: ({ outdated }) => show(element, outdated) };
}
