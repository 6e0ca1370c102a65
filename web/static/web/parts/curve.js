/** A line chart of the rating over the latest matches. */

import { h, setText, show, svg } from "../dom.js";
import { formatNumber, t } from "../i18n.js";
import { call } from "../session.js";

const [WIDTH, HEIGHT, MARGIN] = [300, 100, 6];
const FEWEST = 2; // points from which a line is drawn

/** Read a player's curve. */
export const readCurve = (userId) => call("GET", `/users/${encodeURIComponent(userId)}/rating-curve`);

export function ratingCurve() {
  const area = svg("path", { class: "curve-area" });
  const line = svg("path", { class: "curve-line", "vector-effect": "non-scaling-stroke" });
  const drawing = svg("svg", { class: "curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" }, area, line);
  const [highest, lowest] = [h("span.figures"), h("span.figures")];
  const scale = h("div.curve-scale", { "aria-hidden": "true" }, highest, lowest);
  const element = h("figure.curve-box", { hidden: true }, h("div.curve-row", {}, scale, drawing), h("figcaption.quiet", {}, t("curve.title")));

  return {
    element,

    /** @param {{start: number, points: {rate: number, match_id: string|null}[]}} curve as the API gives it. */
    update({ start, points }) {
      const values = [start, ...points.map((point) => point.rate)];
      show(element, points.length >= FEWEST);
      if (element.hidden) return;
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const x = (index) => ((index / (values.length - 1)) * WIDTH).toFixed(1);
      const y = (value) => (HEIGHT - MARGIN - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * MARGIN)).toFixed(1);
      const path = values.map((value, index) => `${index === 0 ? "M" : "L"}${x(index)} ${y(value)}`).join("");
      line.setAttribute("d", path);
      area.setAttribute("d", `${path}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`);
      setText(highest, formatNumber(high));
      setText(lowest, formatNumber(low));
      const words = { n: points.filter((point) => point.match_id !== null).length, from: values[0], to: values[values.length - 1], low, high };
      drawing.setAttribute("aria-label", t("curve.words", Object.fromEntries(Object.entries(words).map(([name, value]) => [name, formatNumber(value)]))));
    },
  };
}
