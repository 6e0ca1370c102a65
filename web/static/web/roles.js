/** The five roles: their order, their names and marks, and choosing some of them in order. */

import { h, svg } from "./dom.js";
import { t } from "./i18n.js";
import { local } from "./storage.js";

export const ROLES = ["TOP_LANE", "MIDDLE", "BOTTOM_LANE", "SUPPORT", "TANK"];
export const FEWEST = 2; // that a player must name to queue

export const roleName = (role) => t(`role.${role}`);

/** The marks: arrows that point to the lanes, a ring for the middle, a cross and a shield. */
const SHAPES = {
  TOP_LANE: "M12 2l9.5 10.5H16V22H8v-9.5H2.5z",
  MIDDLE: "M12 1.5L22.5 12 12 22.5 1.5 12zM12 8l-4 4 4 4 4-4z",
  BOTTOM_LANE: "M12 22l9.5-10.5H16V2H8v9.5H2.5z",
  SUPPORT: "M9 2h6v7h7v6h-7v7H9v-7H2V9h7z",
  TANK: "M12 1.5l9 3V12c0 5-3.6 8.6-9 10.5C6.6 20.6 3 17 3 12V4.5z",
};

/** A role's mark. Its shape alone tells the role, and so does its colour. */
export function roleIcon(role) {
  const path = svg("path", { d: SHAPES[role], "fill-rule": "evenodd" });
  return svg("svg", { class: "role-icon", viewBox: "0 0 24 24", "data-role": role, "aria-hidden": "true" }, path);
}

/** A role's mark and name. */
export function roleTag(role) {
  return h("span.role-tag", {}, roleIcon(role), roleName(role));
}

/** The chosen roles after a click on one: a new role comes last, and a chosen one is taken out. */
export function toggled(chosen, role) {
  return chosen.includes(role) ? chosen.filter((other) => other !== role) : [...chosen, role];
}

/** What a role's button says: whether the role is chosen, and as which choice. */
export function markChosen(button, order, chosen, role) {
  const place = chosen.indexOf(role) + 1;
  button.setAttribute("aria-pressed", String(place > 0));
  const text = place > 0 ? String(place) : "";
  if (order.textContent !== text) order.textContent = text;
}

const REMEMBERED = "unitemate.roles";

/** The roles of a list that exist, each once. None if what is given is no list. */
export const knownRoles = (named) => (Array.isArray(named) ? [...new Set(named)].filter((role) => ROLES.includes(role)) : []);

/** The roles that were last chosen in this browser, if any. */
export const rememberedRoles = () => knownRoles(local.json(REMEMBERED, Array.isArray));

export const rememberRoles = (roles) => local.set(REMEMBERED, JSON.stringify(roles));
