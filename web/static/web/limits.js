/** Time limits: what takes longer counts as a failure. */

export const PATIENCE = 15; // seconds that a server has to answer

/** A signal that aborts a `fetch` after this time, even while its body is read. @param {number} [seconds] */
export function deadline(seconds = PATIENCE) {
  if (AbortSignal.timeout) return AbortSignal.timeout(seconds * 1000);
  const controller = new AbortController(); // browsers of before 2022
  setTimeout(() => controller.abort(), seconds * 1000);
  return controller.signal;
}

/**
 * The promise, rejected once the time is over.
 *
 * @param {Promise} promise
 * @param {number} [seconds]
 * @param {{setTimeout: Function, clearTimeout: Function}} [timers]
 */
export function limited(promise, seconds = PATIENCE, timers = globalThis) {
  let timer;
  const end = new Promise((_, reject) => {
    timer = timers.setTimeout(() => reject(new Error("no answer in time")), seconds * 1000);
  });
  return Promise.race([promise, end]).finally(() => timers.clearTimeout(timer));
}
