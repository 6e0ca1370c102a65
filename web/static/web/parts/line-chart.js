/** `<line-chart>`: numbers over a span of time, as lines above zero, with the same in words. */

import { setText, svg } from "../dom.js";

const [WIDTH, HEIGHT, MARGIN] = [300, 64, 3];
const FEWEST = 2; // steps that the scale has at least

export class LineChart extends HTMLElement {
  #drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
  #highest = document.createElement("span");

  connectedCallback() {
    this.#highest.className = "chart-highest figures";
    this.#highest.setAttribute("aria-hidden", "true");
    this.replaceChildren(this.#highest, this.#drawing);
  }

  /**
   * @param {object} chart
   * @param {string} chart.label the same in words.
   * @param {[number, number]} chart.span the first and the last time.
   * @param {number} chart.gap points further apart in time than this are not joined.
   * @param {number} chart.step the scale goes up to two steps at least.
   * @param {[number, number|null][][]} chart.lines each line's times and values; the first is the main one.
   * @param {(value: number) => string} chart.format
   */
  draw({ label, span, gap, step, lines, format }) {
    const values = lines.flat().map(([, value]) => value ?? 0);
    const top = Math.max(FEWEST * step, ...values);
    const x = (at) => (((at - span[0]) / (span[1] - span[0] || 1)) * WIDTH).toFixed(1);
    const y = (value) => (HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN)).toFixed(1);
    const drawn = lines.map((line, index) =>
      svg("path", { class: `chart-line chart-line-${index}`, d: path(line, gap, x, y), "vector-effect": "non-scaling-stroke" }),
    );
    this.#drawing.replaceChildren(...drawn.reverse()); // the main one on top
    this.#drawing.setAttribute("aria-label", label);
    setText(this.#highest, format(top));
  }
}

/** A line with a gap at each unknown value. A value alone is a dot. */
function path(line, gap, x, y) {
  let [d, before] = ["", null];
  for (const [index, [at, value]] of line.entries()) {
    if (value === null) {
      before = null;
      continue;
    }
    const joined = before !== null && at - before <= gap;
    const after = line[index + 1];
    const alone = !joined && !(after && after[1] !== null && after[0] - at <= gap);
    d += `${joined ? "L" : "M"}${x(at)} ${y(value)}${alone ? "h0.1" : ""}`;
    before = at;
  }
  return d;
}

customElements.define("line-chart", LineChart);
