/** What the player has said of a match: as it was sent from here, else as the server has it. */

import { call } from "./session.js";

const sent = new Map(); // match_id -> {result, violations, reason}

export const rememberReport = (matchId, report) => sent.set(matchId, report);
export const forgetReport = (matchId) => sent.delete(matchId);

/**
 * Read what the player has said of a match.
 *
 * @returns {Promise<{report: object|null, missing: string[]}>} the report, and those marked as not come.
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
