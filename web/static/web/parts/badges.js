/** A row of badges as others see them. The catalogue is fetched only if there are any. */

import { h } from "../dom.js";

export function badgeRow() {
  let shown = "";
  const element = h("span.badge-row");
  return {
    element,

    /** @param {string[]} ids */
    update(ids = []) {
      const key = ids.join();
      if (key === shown) return;
      shown = key;
      element.replaceChildren();
      if (ids.length === 0) return;
      import("../badges.js")
        .then(({ badgeIcon }) => shown === key && element.replaceChildren(...ids.map((id) => badgeIcon(id))))
        .catch(() => {
          shown = ""; // tried again at the next change
        });
    },
  };
}
