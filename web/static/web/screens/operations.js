/** How the service is doing, for staff: what needs attention, and the figures of the last five minutes. */

import { serverNow } from "../api.js";
import { forget, watch } from "../connection.js";
import { h, setText, show } from "../dom.js";
import { extend, formatClock, formatNumber, formatPercent, language, t } from "../i18n.js";
import { deadline } from "../limits.js";
import { history, sum, total, troubles } from "../parts/samples.js";
import "../parts/line-chart.js";

const STREAM = "operations";
const UNNAMED = "unnamed"; // stands for a release to which the operator has given no name
const STALE = 3; // intervals after which the newest sample is out of date
const SCALE = { time: 1, count: 1, rate: 0.5, milliseconds: 0.01, seconds: 0.5 }; // a step of the scale, which has two at least

const now = () => serverNow() / 1000;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const FORMATS = {
  count: (value) => formatNumber(value),
  rate: (value) => t("operations.rate", { n: decimal.format(value) }),
  milliseconds: (value) => t("operations.milliseconds", { n: decimal.format(value * 1000) }),
  seconds: (value) => t("operations.seconds", { n: decimal.format(value) }),
};
const written = (form, value) => (value === null || value === undefined ? t("none") : FORMATS[form](value));
const share = (part, whole) => (whole > 0 ? formatPercent((part ?? 0) / whole) : t("none"));

/**
 * The tiles. `form` is how numbers are written, and `lines` are the figures of a sample that are drawn. `headline` is the
 * large number, by default the newest of the first line. `note` is a text below.
 */
const TILES = {
  connections: {
    form: "count",
    lines: { connections: (p) => p.connections },
    note: (p) => t("operations.note.connections", { opened: written("rate", p.opened), closed: written("rate", p.closed) }),
  },
  waiting: {
    form: "count",
    lines: { waiting: (p) => p.waiting },
    note: (p) => t("operations.note.waiting", { time: p.longest_wait ? formatClock(p.longest_wait) : t("none") }),
  },
  matches: {
    form: "count",
    lines: { matches: (p) => total(p.matches) },
    note: ({ matches = {} }) => ["lobby", "joining", "playing"].map((phase) => `${t(`operations.phase.${phase}`)} ${formatNumber(matches[phase] ?? 0)}`).join(" · "),
  },
  formed: { form: "count", lines: { formed: (p) => p.formed }, note: () => t("operations.note.formed") },
  outbox: {
    form: "seconds",
    lines: { outbox: (p) => p.lag },
    note: (p) => t("operations.note.outbox", { n: written("count", p.marks) }),
  },
  push: { form: "milliseconds", lines: { p99: (p) => p.push_p99, p50: (p) => p.push_p50 }, note: (p) => t("operations.note.push", { p50: written("milliseconds", p.push_p50) }) },
  requests: {
    form: "rate",
    lines: { requests: (p) => p.requests, bad: (p) => (p.requests === undefined ? undefined : p.refused + p.failed) },
    note: (p) => t("operations.note.requests", { refused: share(p.refused, p.requests), failed: share(p.failed, p.requests) }),
  },
  errors: { form: "count", lines: { errors: (p) => p.errors }, headline: (samples) => sum(samples.map((p) => p.errors)), note: () => t("operations.note.counted") },
  hops: {
    form: "count",
    lines: { layer_failures: (p) => p.layer_failures, repairs: (p) => p.repairs },
    headline: (samples) => sum(samples.map((p) => p.layer_failures)),
    note: (_, samples) => t("operations.note.hops", { n: formatNumber(sum(samples.map((p) => p.repairs))) }),
  },
  streams: { form: "count", lines: { streams: (p) => p.streams }, note: (p) => t("operations.note.streams", { n: written("count", p.members) }) },
  workers: {
    form: "count",
    lines: { workers: (p) => (p.workers ? (p.workers.serving ?? 0) : undefined) },
    note: ({ workers = {}, releases = {} }) =>
      [t("operations.note.draining", { n: formatNumber(workers.draining ?? 0) }), ...Object.entries(releases).filter(([name]) => name !== UNNAMED).map(([name, n]) => `${name} × ${formatNumber(n)}`)].join(" · "),
  },
};

const values = (samples, line) => samples.map((sample) => [sample.at, line(sample) ?? null]);
const known = (line) => line.map(([, value]) => value).filter((value) => value !== null);

/** The full name of a line. In a tile with several lines it includes the tile's name. */
function lineName(tileName, lines, name) {
  const title = t(`operations.title.${tileName}`);
  return Object.keys(lines).length === 1 ? title : t("operations.line_of", { title, line: t(`operations.line.${name}`) });
}

function tile(name, { form, lines, headline, note }) {
  const number = h("p.tile-number.figures");
  const more = h("p.quiet");
  const chart = h("line-chart");
  const names = Object.keys(lines);
  const key = names.length === 1 ? null : h("p.tile-key.quiet", { "aria-hidden": "true" }, ...names.map((each, index) => h(`span.key-${index}`, {}, t(`operations.line.${each}`))));

  return {
    element: h("section.tile", {}, h("h3", {}, t(`operations.title.${name}`)), number, more, chart, key),

    update(samples, { interval, kept }) {
      const newest = samples[samples.length - 1];
      const drawn = names.map((each) => values(samples, lines[each]));
      setText(number, written(form, headline ? headline(samples) : lines[names[0]](newest)));
      setText(more, note(newest, samples));
      const words = drawn.map((line, index) => {
        const seen = known(line);
        const [last, low, high] = [line[line.length - 1][1], Math.min(...seen), Math.max(...seen)].map((value) => written(form, Number.isFinite(value) ? value : null));
        return t("operations.chart", { name: lineName(name, lines, names[index]), now: last, low, high });
      });
      chart.draw({
        label: words.join(" "),
        span: [newest.at - interval * (kept - 1), newest.at],
        gap: 2 * interval,
        step: SCALE[form],
        lines: drawn,
        format: FORMATS[form],
      });
    },
  };
}

/** The same numbers as a table. */
function numbersTable() {
  const body = h("tbody");
  const heads = ["figure", "now", "lowest", "highest"].map((name) => h("th", { scope: "col" }, t(`operations.table.${name}`)));
  return {
    element: h("details", {}, h("summary", {}, t("operations.table.title")), h("table.numbers.figures", {}, h("thead", {}, h("tr", {}, ...heads)), body)),

    update(samples) {
      const rows = Object.entries(TILES).flatMap(([tileName, { form, lines }]) =>
        Object.entries(lines).map(([name, line]) => {
          const seen = known(values(samples, line));
          const cells = [line(samples[samples.length - 1]), ...(seen.length > 0 ? [Math.min(...seen), Math.max(...seen)] : [null, null])];
          return h("tr", {}, h("th", { scope: "row" }, lineName(tileName, lines, name)), ...cells.map((cell) => h("td", {}, written(form, cell))));
        }),
      );
      body.replaceChildren(...rows);
    },
  };
}

/** Fetch the words of this screen, which no other needs, and make it. */
export async function operationsScreen() {
  const words = await fetch(new URL(`../words/operations.${language}.json`, import.meta.url), { signal: deadline() });
  if (!words.ok) throw new Error("no words");
  extend(await words.json());
  await new Promise((resolve, reject) => {
    const sheet = h("link", { rel: "stylesheet", href: new URL("../operations.css", import.meta.url).href, onload: resolve, onerror: reject });
    document.head.append(sheet);
  });
  return screen();
}

function screen() {
  const verdict = h("p.display", { role: "status" });
  const list = h("ul.troubles");
  const asOf = h("p.quiet.figures");
  const tiles = Object.entries(TILES).map(([name, each]) => tile(name, each));
  const table = numbersTable();
  const loading = h("p.quiet", { role: "status" }, t("operations.first"));
  const body = h("div.card-body", {}, h("div.head", {}, verdict, list, asOf), h("div.tiles", {}, ...tiles.map(({ element }) => element)), table.element, h("p.quiet", {}, t("operations.machine")));
  let isOpen = false;
  let openedAt = 0; // seconds

  /** Subscribe only while the page is seen: without subscribers the server measures nothing. */
  function follow() {
    if (isOpen && document.visibilityState === "visible") watch(STREAM);
    else forget(STREAM);
  }

  document.addEventListener("visibilitychange", follow);

  function judge(samples, { interval }) {
    const newest = samples[samples.length - 1].at;
    const isStale = now() - Math.max(newest, openedAt) > (STALE + 1) * interval;
    const found = troubles(samples, interval).map(([name, numbers]) => t(`operations.trouble.${name}`, { n: decimal.format(numbers.n ?? 0) }));
    if (isStale) found.unshift(t("operations.trouble.stale"));
    setText(verdict, t(found.length === 0 ? "operations.well" : "operations.look"));
    verdict.dataset.well = String(found.length === 0);
    if (list.textContent !== found.join("")) list.replaceChildren(...found.map((text) => h("li", {}, text)));
    setText(asOf, t("operations.as_of", { time: clock.format(newest * 1000) }));
  }

  return {
    element: h("section.card.operations", {}, h("div.title-line", {}, h("h2", {}, t("page.operations")), h("a", { href: "/admin/" }, t("operations.admin"))), loading, body),

    open() {
      isOpen = true;
      openedAt = now();
      follow();
    },

    close() {
      isOpen = false;
      follow();
    },

    update({ operations }) {
      const samples = operations ? history(operations, now()) : [];
      show(loading, samples.length === 0);
      show(body, samples.length > 0);
      if (samples.length === 0) return;
      judge(samples, operations);
      for (const each of tiles) each.update(samples, operations);
      table.update(samples);
    },

    /** Look again each second: a sample that fails to come is no change of the stream. */
    tick({ operations }) {
      const samples = operations ? history(operations, now()) : [];
      if (samples.length > 0) judge(samples, operations);
    },
  };
}
