/** Requests to the REST API. */

import { has, t } from "./i18n.js";

/** A request that was refused or failed. `code` is the server's, or `network` where there was no answer. */
export class ApiError extends Error {
  constructor(status, code, detail, attr = null) {
    super(detail);
    Object.assign(this, { status, code, detail, attr });
  }

  /** What to tell the player. */
  get words() {
    if (has(`error.${this.code}`)) return t(`error.${this.code}`);
    return this.status >= 400 && this.status < 500 ? t("error.refused", { detail: this.detail }) : t("error.failed");
  }
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
