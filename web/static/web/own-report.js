/** The player's own report of a match: the one sent from this page, else the one that the server has. */

import { call } from "./session.js";

const sent = new Map(); // match_id -> {result, violations, reason}

export const rememberReport = (matchId, report) => sent.set(matchId, report);
export const forgetReport = (matchId) => sent.delete(matchId);

/**
 * Read the player's own report of a match.
 *
 * @returns {Promise<{report: object|null, missing: string[]}>} the report, and the players whom the player has marked as missing.
 * @throws {ApiError}
 */
export const readOwn = (matchId) => call("GET", `/matches/${encodeURIComponent(matchId)}/report`);

/** The player's report, or null. @throws {ApiError} */
export async function ownReport(matchId) {
  if (!sent.has(matchId)) {
    const { report } = await readOwn(matchId);
    if (report !== null) sent.set(matchId, report);
  }
  return sent.get(matchId) ?? null;
}
