/** A list of finished matches, the latest first. */

import { queryOf } from "../api.js";
import { busy, h, show } from "../dom.js";
import { formatNumber, formatSigned, formatTime, t } from "../i18n.js";
import { roleTag } from "../roles.js";
import { call } from "../session.js";
import { sayFailure } from "../toast.js";

function record({ matched_at: matchedAt, role, outcome, rate_after: after, rate_delta: delta }) {
  return h(
    "li.record",
    { "data-outcome": outcome },
    h("span.outcome", {}, t(`record.${outcome}`)),
    roleTag(role),
    h("time.quiet.figures", { datetime: matchedAt }, formatTime(matchedAt)),
    h("span.figures", {}, after === null ? "" : `${formatNumber(after)} (${formatSigned(delta ?? 0)})`),
  );
}

/**
 * A list of a player's records.
 *
 * @param {string} path of the records, under `/api`.
 * @param {number} size how many at a time.
 */
export function recordList(path, size) {
  const list = h("ul.records");
  const none = h("p.quiet", { hidden: true }, t("record.none"));
  const first = `?page_size=${size}`;
  let rest = null; // the query for the next page

  const more = h("button.quiet", { type: "button", hidden: true, onclick: () => busy(more, () => read(rest).catch(sayFailure)) }, t("record.more"));

  async function read(query) {
    const { results, next } = await call("GET", path + query);
    rest = queryOf(next);
    if (query === first) list.replaceChildren();
    list.append(...results.map(record));
    show(none, list.childElementCount === 0);
    show(more, rest !== null);
    return results;
  }

  return {
    element: h("div", {}, list, none, more),

    /** Read the first page again. @returns {Promise<object[]>} its records. */
    read: () => read(first),

    /** Hide the button for more. */
    brief() {
      more.remove();
      return this;
    },
  };
}

/**
 * Read the records again when they have changed. They are no stream, but the player's account and matches show a change.
 *
 * @param {(userId: string) => Promise<void>} read
 */
export function recordsWatch(read) {
  let seen = new Set(); // the signs of change after which they were read

  return function update({ me, matches }) {
    const done = Object.values(matches).filter((match) => match.status === "done");
    const news = [me.user_id, `count ${me.match_count}`, `rate ${me.rate}`, ...done.map((match) => match.match_id)];
    if (news.every((each) => seen.has(each))) return;
    seen = new Set([...seen, ...news]);
    read(me.user_id).catch(() => seen.clear()); // so that the next change reads them again
  };
}
