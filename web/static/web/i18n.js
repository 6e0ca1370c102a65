/** The page's words, in the language that the server chose. The catalogue comes with the page. */

const words = JSON.parse(document.getElementById("words").textContent);

export const language = document.documentElement.lang;

/**
 * A phrase of the catalogue.
 *
 * @param {string} key the path to it: `"queue.join"`.
 * @param {object} [values] what to put for each `{name}` in it.
 */
export function t(key, values = {}) {
  const phrase = lookUp(key) ?? key;
  return phrase.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Whether the catalogue has this phrase. */
export function has(key) {
  return lookUp(key) !== undefined;
}

function lookUp(key) {
  const found = key.split(".").reduce((part, name) => part?.[name], words);
  return typeof found === "string" ? found : undefined; // a server's code may be the name of a group of phrases
}

/** Add the words of a page that was fetched later. */
export const extend = (more) => Object.assign(words, more);

/** The language with the reader's country, which decides whether a clock has 12 hours. */
const locale = navigator.languages.find((each) => each.split("-")[0] === language) ?? language;

const plurals = new Intl.PluralRules(language);
const number = new Intl.NumberFormat(locale);
const signed = new Intl.NumberFormat(locale, { signDisplay: "exceptZero" });
const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

/** The plural form of a number in this language: "one" or "other". */
export const pluralForm = (n) => plurals.select(n);
export const formatNumber = (value) => number.format(value);
export const formatSigned = (value) => (value === 0 ? "±0" : signed.format(value));
export const formatPercent = (value) => percent.format(value);
export const formatTime = (text) => day.format(new Date(text));

/** Seconds as a clock: `0:07`, `12:30`, `1:02:03`. */
export function formatClock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** Seconds as a rough span in words: "about 2 min". */
export function formatSpan(seconds) {
  if (seconds < 60) return t("span.seconds", { n: Math.round(seconds) });
  const minutes = Math.round(seconds / 30) / 2;
  return t("span.minutes", { n: formatNumber(minutes) });
}

/** Seconds as an exact span in words: "4 min 10 s". */
export function formatExactSpan(seconds) {
  const [m, s] = [Math.floor(seconds / 60), Math.round(seconds % 60)];
  return t(m === 0 ? "exact.seconds" : s === 0 ? "exact.minutes" : "exact.both", { m, s });
}
