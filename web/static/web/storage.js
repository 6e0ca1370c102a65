/**
 * What the browser stores for this page. The browser may forbid that or have no room left, so nothing here throws. An
 * earlier release or a person may have written what is stored, so the reader checks it.
 */

function area(name) {
  const unkept = new Map(); // what could not be stored, kept for as long as this page lives

  const get = (key) => {
    if (unkept.has(key)) return unkept.get(key);
    try {
      return window[name].getItem(key);
    } catch {
      return null;
    }
  };

  return {
    /** @returns {string|null} */
    get,

    /** What was stored as JSON, if `isGood(value)`; else null. */
    json(key, isGood) {
      try {
        const value = JSON.parse(get(key));
        return isGood(value) ? value : null;
      } catch {
        return null;
      }
    },

    /** @returns {boolean} whether it will outlast this page. */
    set(key, value) {
      try {
        window[name].setItem(key, value);
        unkept.delete(key);
        return true;
      } catch {
        unkept.set(key, value);
        return false;
      }
    },

    remove(key) {
      unkept.delete(key);
      try {
        window[name].removeItem(key);
      } catch {
        // Then nothing was stored either.
      }
    },
  };
}

export const local = area("localStorage"); // for all tabs, until it is removed
export const session = area("sessionStorage"); // for this tab and its reloads
