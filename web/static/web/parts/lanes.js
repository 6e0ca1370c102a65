/**
 * The ten places: five rows, one a role, with a place on the left and one on the right. They fill in
 * the queue, and turn into the two teams when the match is found.
 */

import { h } from "../dom.js";
import { ROLES } from "../roles.js";

/**
 * Make the picture.
 *
 * @param {(role: string) => {left: Node, middle: Node, right: Node}} row
 * @returns {{element: HTMLElement, rows: Map<string, object>}} `rows` has what `row` returned by role.
 */
export function lanes(row) {
  const rows = new Map(ROLES.map((role) => [role, row(role)]));
  const items = [...rows].map(([role, { left, middle, right }]) =>
    h("li.lane", { "data-role": role }, left, middle, right),
  );
  return { element: h("ul.lanes", {}, ...items), rows };
}
