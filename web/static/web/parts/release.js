/** The offer to reload: the server has another release than this page, whose missing parts may not fit it any more. */

import { h, show } from "../dom.js";
import { t } from "../i18n.js";

export const reloadButton = () => h("button.quiet", { type: "button", onclick: () => location.reload() }, t("release.reload"));

export function releaseNotice() {
  const element = h("div.banner.house.release", { role: "status", hidden: true }, h("span", {}, t("release.new")), " ", reloadButton());
  return { element, update: ({ outdated }) => show(element, outdated) };
}
