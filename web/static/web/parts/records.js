/** Finished matches, the latest first. */

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
 * @param {string} path where they are, under the API.
 * @param {number} size how many at a time.
 */
export function recordList(path, size) {
  const list = h("ul.records");
  const none = h("p.quiet", { hidden: true }, t("record.none"));
  const first = `?page_size=${size}`;
  let rest = null; // what to ask for the next page with

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

    /** Read the first of them anew. @returns {Promise<object[]>} them. */
    read: () => read(first),

    /** Without the button for more. */
    brief() {
      more.remove();
      return this;
    },
  };
}

/**
 * Reading the records when they have changed: they are no stream, and a match that is done changes them.
 *
 * @param {(userId: string) => Promise<void>} read
 */
export function recordsWatch(read) {
  let seen = new Set(); // the news upon which they were read

  return function update({ me, matches }) {
    const done = Object.values(matches).filter((match) => match.status === "done");
    const news = [me.user_id, `count ${me.match_count}`, `rate ${me.rate}`, ...done.map((match) => match.match_id)];
    if (news.every((each) => seen.has(each))) return;
    seen = new Set([...seen, ...news]);
    read(me.user_id).catch(() => seen.clear()); // read again at the next change
  };
}
