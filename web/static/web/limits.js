/** Waits that end: what has not come by then is taken for a failure. */

export const PATIENCE = 15; // seconds for an answer of any server

/** A signal that ends a `fetch`, the reading of its body included. @param {number} [seconds] */
export function deadline(seconds = PATIENCE) {
  if (AbortSignal.timeout) return AbortSignal.timeout(seconds * 1000);
  const controller = new AbortController(); // browsers of before 2022
  setTimeout(() => controller.abort(), seconds * 1000);
  return controller.signal;
}

/**
 * What the promise brings.
 *
 * @param {Promise} promise
 * @param {number} [seconds] after which it is a failure.
 * @param {{setTimeout: Function, clearTimeout: Function}} [timers]
 */
export function limited(promise, seconds = PATIENCE, timers = globalThis) {
  let timer;
  const end = new Promise((_, reject) => {
    timer = timers.setTimeout(() => reject(new Error("no answer in time")), seconds * 1000);
  });
  return Promise.race([promise, end]).finally(() => timers.clearTimeout(timer));
}
