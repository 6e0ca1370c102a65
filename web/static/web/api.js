/** Requests to the REST API. */

import { has, t } from "./i18n.js";

/** A request that was refused or failed. `code` is the server's, or `network` where there was no answer. */
export class ApiError extends Error {
  constructor(status, code, detail, attr = null) {
    super(detail);
    Object.assign(this, { status, code, detail, attr });
  }

  /** The field of the request that it is about, or null. */
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

/** What to put behind a list's path for the page that `next` names, or null after the last. */
export const queryOf = (next) => (next ? new URL(next, location.href).search : null);

/**
 * Read a list to its end.
 *
 * @param {string} path under `/api`, of a list that is public.
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

/** How far the server's clock is ahead of this device's, in milliseconds. */
let ahead = 0;

/** The server's present time in milliseconds since 1970; deadlines are told by its clock. */
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
  let response;
  try {
    response = await fetch(`/api${path}`, { method, headers, body: JSON.stringify(body), cache: "no-store" });
  } catch {
    throw new ApiError(0, "network", "no answer");
  }
  const date = Date.parse(response.headers.get("Date"));
  if (!Number.isNaN(date) && Math.abs(date - serverNow()) > 2000) ahead = date - Date.now();
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return answer;
  const error = answer?.errors?.[0];
  throw new ApiError(response.status, error?.code ?? "failed", error?.detail ?? response.statusText, error?.attr);
}
