/** The number of a lobby, as players type it. The server reads it in the same way. */

/**
 * The eight digits in what was typed: `"ID: １２３４ ５６７８"` is 12345678.
 *
 * @param {string} typed
 * @returns {string|null} null unless it has exactly eight digits.
 */
export function lobbyNumber(typed) {
  const digits = typed.normalize("NFKC").replace(/[^0-9]+/g, "");
  return digits.length === 8 ? digits : null;
}
