/** What the samples of the `operations` stream show about the service. Pure: no page, no clock. */

const WAITING = 20; // players in the queue; with so many there should be a match
const LONG = 120; // seconds of waiting; with so many players nobody should wait longer
const LAG = 5; // seconds that a change may wait to be published
const DEPLOYING = 120; // seconds that a release may take, during which old workers end and two versions run
const SLOW = 1; // seconds that a change may take from publishing to the sockets

export const sum = (numbers) => numbers.reduce((total, number) => total + (number ?? 0), 0);

/** The sum of a figure that has a number for each label, such as matches by phase; null if it is unknown. */
export const total = (parts) => (parts ? sum(Object.values(parts)) : null);

/**
 * The recent samples, oldest first, each with its time `at` (Unix seconds).
 *
 * @param {{points: object, interval: number, kept: number}} operations
 * @param {number} now Unix seconds. Samples from before the time that is kept are left out: they are from an earlier look.
 */
export function history({ points = {}, interval, kept }, now) {
  const all = Object.entries(points).map(([at, point]) => ({ at: Number(at), ...point }));
  return all.filter(({ at }) => at > now - interval * (kept + 1)).sort((one, other) => one.at - other.at);
}

/**
 * What staff should look at, the worst first.
 *
 * @param {object[]} samples as `history` gives them; at least one.
 * @param {number} interval seconds between them.
 * @returns {[string, object][]} names of troubles, with the values for their words.
 */
export function troubles(samples, interval) {
  const now = samples[samples.length - 1];
  const counted = (name) => sum(samples.map((sample) => sample[name]));
  const { serving = 0, draining = 0 } = now.workers ?? { serving: 1 };
  const lasting = samples.slice(-DEPLOYING / interval);
  const lasts = (test) => lasting.length === DEPLOYING / interval && lasting.every(test);
  const failed = Math.round(counted("failed") * interval);
  const releases = Object.keys(now.releases ?? {}).length;
  const found = {
    none_serving: serving === 0 && {},
    lag: now.lag > LAG && { n: now.lag },
    slow: now.push_p99 > SLOW && { n: now.push_p99 },
    layer: counted("layer_failures") > 0 && { n: counted("layer_failures") },
    failed: failed > 0 && { n: failed },
    errors: counted("errors") > 0 && { n: counted("errors") },
    no_matches: now.waiting >= WAITING && now.longest_wait > LONG && now.formed === 0 && { n: now.waiting },
    draining: lasts(({ workers }) => workers?.draining > 0) && { n: draining },
    releases: lasts((sample) => Object.keys(sample.releases ?? {}).length > 1) && { n: releases },
  };
  return Object.entries(found).filter(([, values]) => values);
}
