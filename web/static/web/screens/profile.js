/** The player's own page: rating and record, what others see, and the latest matches. */

import { saveProfile } from "../actions.js";
import { busy, h, setData, setText, show } from "../dom.js";
import { formatNumber, formatPercent, formatSigned, formatTime, t } from "../i18n.js";
import { ROLES, markChosen, roleIcon, roleName, toggled } from "../roles.js";
import { call } from "../session.js";

const RECORDS = 10;

function figure(label) {
  const value = h("dd.figures");
  return { value, element: h("div", {}, h("dt", {}, t(label)), value) };
}

function record({ matched_at: matchedAt, role, outcome, rate_after: after, rate_delta: delta }) {
  return h(
    "li.record",
    { "data-outcome": outcome },
    h("span.outcome", {}, t(`record.${outcome}`)),
    h("span.record-role", {}, roleIcon(role), roleName(role)),
    h("time.quiet.figures", { datetime: matchedAt }, formatTime(matchedAt)),
    h("span.figures", {}, after === null ? "" : `${formatNumber(after)} (${formatSigned(delta ?? 0)})`),
  );
}

function rolePicker(label, changed) {
  let chosen = [];
  const buttons = ROLES.map((role) => {
    const order = h("span.order.figures");
    const choose = () => {
      changed();
      picker.set(toggled(chosen, role));
    };
    const button = h("button.role-choice", { type: "button", onclick: choose }, roleIcon(role), h("span", {}, roleName(role)), order);
    return { role, button, order };
  });
  const picker = {
    element: h("fieldset", {}, h("legend", {}, label), h("div.role-choices", {}, ...buttons.map(({ button }) => button))),
    get: () => chosen,
    set(roles) {
      chosen = roles;
      for (const { role, button, order } of buttons) markChosen(button, order, chosen, role);
    },
  };
  return picker;
}

export function profileScreen(signOut) {
  let edited = false; // what is being typed is not overwritten by what arrives
  let seen = new Set(); // the news upon which the records were read
  const edit = () => {
    edited = true;
  };

  const title = h("h2", { dir: "auto" });
  const rate = figure("me.rate");
  const best = figure("me.max_rate");
  const count = figure("me.matches");
  const wins = figure("me.win_rate");
  const penalty = h("p.problem");
  const badges = h("p.badges");

  const name = h("input", { id: "trainer-name", maxlength: "50", required: "", oninput: edit });
  const bio = h("textarea", { id: "bio", maxlength: "200", rows: "3", oninput: edit });
  const roles = rolePicker(t("profile.roles"), edit);
  const button = h("button.act", { type: "submit" }, t("profile.save"));
  const form = h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        busy(button, save);
      },
    },
    h("label", { for: "trainer-name" }, t("profile.name")), name,
    h("label", { for: "bio" }, t("profile.bio")), bio,
    roles.element,
    button,
  );

  const records = h("ul.records");
  const noRecords = h("p.quiet", {}, t("record.none"));

  async function save() {
    const fields = { trainer_name: name.value, bio: bio.value, preferred_roles: roles.get() };
    if (await saveProfile(fields)) edited = false;
  }

  /** The records change when a match is done; they are no stream, so that is when they are read. */
  async function readRecords() {
    const { results } = await call("GET", `/users/me/records?page_size=${RECORDS}`);
    records.replaceChildren(...results.map(record));
    show(noRecords, results.length === 0);
  }

  return {
    element: h(
      "section.card",
      {},
      h("div.title-line", {}, title, h("button.quiet", { type: "button", onclick: signOut }, t("login.out"))),
      h("dl.facts.pairs", {}, rate.element, best.element, count.element, wins.element),
      penalty,
      badges,
      h("details", { open: true }, h("summary", {}, t("record.title")), records, noRecords),
      h("details", {}, h("summary", {}, t("profile.edit")), form),
    ),

    update({ me, matches }) {
      setText(title, me.trainer_name);
      setText(rate.value, formatNumber(me.rate));
      setText(best.value, formatNumber(me.max_rate));
      setText(count.value, formatNumber(me.match_count));
      setText(wins.value, me.match_count > 0 ? formatPercent(me.win_rate) : t("none"));
      show(penalty, Boolean(me.penalty?.until));
      if (me.penalty?.until) setText(penalty, t("me.penalty", { time: formatTime(me.penalty.until) }));
      const owned = me.badges?.owned ?? [];
      setText(badges, owned.length > 0 ? t("me.badges", { n: formatNumber(owned.length) }) : "");
      setData(badges, "empty", owned.length === 0 ? "" : null);
      if (!edited) {
        name.value = me.trainer_name;
        bio.value = me.bio ?? "";
        roles.set(me.preferred_roles ?? []);
      }
      const done = Object.values(matches).filter((match) => match.status === "done");
      const news = [me.user_id, `count ${me.match_count}`, `rate ${me.rate}`, ...done.map((match) => match.match_id)];
      if (news.every((each) => seen.has(each))) return;
      seen = new Set([...seen, ...news]);
      readRecords().catch(() => seen.clear()); // read again at the next change
    },
  };
}
