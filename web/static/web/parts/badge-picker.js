/** The player's badges, two of which can be worn, and how to earn the others. */

import { equip } from "../actions.js";
import { badgeEarnedBy, badgeIcon, badgeName, catalogue } from "../badges.js";
import { h, setText } from "../dom.js";
import { t } from "../i18n.js";

const MOST = 2; // that can be worn

export function badgePicker() {
  let shown = "";
  let saving = false;
  const list = h("ul.badge-list");
  const count = h("p.quiet");

  /** The worn badges after a click on one. A third replaces the oldest. */
  async function toggle(badge, worn) {
    if (saving) return;
    saving = true;
    try {
      await equip(worn.includes(badge) ? worn.filter((other) => other !== badge) : [...worn, badge].slice(-MOST));
    } finally {
      saving = false;
    }
  }

  async function draw({ owned, equipped }) {
    const badges = [...(await catalogue()).values()];
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.badge : null;
    list.replaceChildren(
      ...badges.map((badge) => {
        const isOwned = owned.includes(badge.id);
        const words = h("span.badge-words", {}, h("span.badge-name", {}, badgeName(badge)), h("span.quiet", {}, badgeEarnedBy(badge)));
        if (!isOwned) return h("li.badge-line", { "data-owned": "false" }, badgeIcon(badge.id), words);
        const button = h(
          "button.badge-line",
          { type: "button", "data-badge": badge.id, "aria-pressed": String(equipped.includes(badge.id)), onclick: () => toggle(badge.id, equipped) },
          badgeIcon(badge.id), words, h("span.tag", {}, t(equipped.includes(badge.id) ? "badges.worn" : "badges.wear")),
        );
        return h("li", {}, button);
      }),
    );
    if (focused) list.querySelector(`[data-badge="${CSS.escape(focused)}"]`)?.focus();
    setText(count, t("badges.count", { n: owned.length, all: badges.length }));
  }

  return {
    element: h("div", {}, count, list),

    /** @param {{owned: string[], equipped: string[]}} badges */
    update({ owned = [], equipped = [] } = {}) {
      const key = JSON.stringify([owned, equipped]);
      if (key === shown) return;
      shown = key;
      draw({ owned, equipped }).catch(() => {
        shown = ""; // so that the next change draws it
      });
    },
  };
}
