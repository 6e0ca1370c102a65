/** What the samples of the `operations` stream come to. Pure: no page, no clock. */

const WAITING = 20; // players in the queue for whom there should be a match
const LONG = 120; // seconds of waiting after which that is strange
const LAG = 5; // seconds that a change may wait to be published
const DEPLOYING = 120; // seconds for which workers may be ending, and two versions run
const SLOW = 1; // seconds from publishing to the sockets

export const sum = (numbers) => numbers.reduce((total, number) => total + (number ?? 0), 0);

/** A figure that is told by a label, such as matches by phase, as one number; null where it is not known. */
export const total = (parts) => (parts ? sum(Object.values(parts)) : null);

/**
 * The samples of late, oldest first; each with the time `at` (Unix seconds) of its slot.
 *
 * @param {{points: object, interval: number, kept: number}} operations
 * @param {number} now Unix seconds; what is older than all that are kept is from when somebody last looked.
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
