/** Requests to the REST API. */

import { has, t } from "./i18n.js";
import { deadline } from "./limits.js";

/** A request that was refused or failed. `code` is the server's, or `network` if no answer came. */
export class ApiError extends Error {
  constructor(status, code, detail, attr = null) {
    super(detail);
    Object.assign(this, { status, code, detail, attr });
  }

  /** The field of the request that the error is about, or null. */
  get field() {
    return this.attr?.split(".")[0] ?? null;
  }

  /** What to tell the player. Never `detail`, which is for developers and in English. */
  get words() {
    const field = has(`field.${this.field}`) ? t(`field.${this.field}`) : t("field.any");
    const key = [`error.at.${this.field}.${this.code}`, `error.${this.code}`].find(has);
    if (key) return t(key, { field });
    if (this.status === 400) return t("error.refused", { field });
    return t(this.status > 400 && this.status < 500 ? "error.not_possible" : "error.failed");
  }
}

/** The query for the page that a list's `next` names; null after the last page. */
export const queryOf = (next) => (next ? new URL(next, location.href).search : null);

/**
 * Read a list to its end.
 *
 * @param {string} path under `/api`, of a public list.
 * @returns {Promise<object[]>} all its entries.
 * @throws {ApiError}
 */
export async function requestAll(path) {
  const entries = [];
  for (let query = "?page_size=100"; query !== null;) {
    const { results, next } = await request("GET", path + query);
    entries.push(...results);
    query = queryOf(next);
  }
  return entries;
}

/** How far the server's clock is ahead of this device's, in milliseconds. It is as exact as the server's answers allow. */
let ahead = 0;

/** Set the clock by an answer's `Date`. It names the whole second, and the answer was made between `asked` and `came`. */
function setClock(date, asked, came) {
  if (Number.isNaN(date)) return;
  const [least, most] = [date - came, date + 1000 - asked];
  ahead = Math.max(least, Math.min(most, ahead));
}

/** The server's present time in milliseconds since 1970. Deadlines are by that clock. */
export function serverNow() {
  return Date.now() + ahead;
}

/**
 * Ask the API.
 *
 * @param {string} method
 * @param {string} path under `/api`.
 * @param {object} [options]
 * @param {object} [options.body] sent as JSON.
 * @param {string|null} [options.token]
 * @returns {Promise<object|null>} the answer's JSON.
 * @throws {ApiError}
 */
export async function request(method, path, { body, token = null } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token !== null) headers.Authorization = `Bearer ${token}`;
  const asked = Date.now();
  let response;
  let answer = null;
  try {
    response = await fetch(`/api${path}`, { method, headers, body: JSON.stringify(body), cache: "no-store", signal: deadline() });
    setClock(Date.parse(response.headers.get("Date")), asked, Date.now());
    if (response.status !== 204) answer = await response.json();
  } catch (failure) {
    // An error without JSON may come from a proxy. A success without JSON is not from this API.
    if (!(failure instanceof SyntaxError) || response.ok) throw new ApiError(0, "network", "no answer");
  }
  if (response.ok) return answer;
  const error = answer?.errors?.[0];
  const refused = new ApiError(response.status, error?.code ?? "failed", error?.detail ?? response.statusText, error?.attr);
  refused.retryAfter = Number(response.headers.get("Retry-After")); // seconds
  throw refused;
}
