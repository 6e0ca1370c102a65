/**
 * The ten places of a match: a row for each role, with one place on the left and one on the right. They fill up in the
 * queue, and become the two teams when the match is found.
 */

import { h } from "../dom.js";
import { ROLES } from "../roles.js";

/**
 * Make the rows.
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
