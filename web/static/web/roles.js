/** The five roles: their order, their names, and choosing some of them in order. */

import { h } from "./dom.js";
import { t } from "./i18n.js";

export const ROLES = ["TOP_LANE", "MIDDLE", "BOTTOM_LANE", "SUPPORT", "TANK"];
export const FEWEST = 2; // that a player must name to queue

export const roleName = (role) => t(`role.${role}`);

/** A role's mark: a shape and a hue of its own, told apart by either. */
export function roleIcon(role) {
  return h("span.role-icon", { "data-role": role, "aria-hidden": "true" });
}

/** The chosen roles after a click on one: put last if it was not among them, else taken out. */
export function toggled(chosen, role) {
  return chosen.includes(role) ? chosen.filter((other) => other !== role) : [...chosen, role];
}

/** What a role's button says: whether it is chosen, and as which. */
export function markChosen(button, order, chosen, role) {
  const place = chosen.indexOf(role) + 1;
  button.setAttribute("aria-pressed", String(place > 0));
  order.textContent = place > 0 ? String(place) : "";
}
