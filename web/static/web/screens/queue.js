/** The queue, before and after joining: the roles, and how long it takes. */

import { joinQueue, leaveQueue } from "../actions.js";
import { serverNow } from "../api.js";
import { busy, h, setData, setText, show } from "../dom.js";
import { formatClock, formatNumber, formatSigned, formatSpan, formatTime, t } from "../i18n.js";
import { alerts } from "../parts/alerts.js";
import { lanes } from "../parts/lanes.js";
import { orderStrip } from "../parts/order.js";
import { outcomeFor } from "../parts/result.js";
import { startButton } from "../parts/start.js";
import { scarcest, takenPlaces } from "../places.js";
import { FEWEST, ROLES, markChosen, rememberRoles, roleIcon, roleName, toggled } from "../roles.js";
import { lastMatch, store } from "../store.js";
import { say } from "../toast.js";

function place() {
  return h("span.place", { "aria-hidden": "true" });
}

function lane(role) {
  const order = h("span.order.figures");
  const count = h("span");
  const button = h(
    "button.lane-role",
    { type: "button", onclick: () => choose(toggled(present(), role)) },
    roleIcon(role), h("span.lane-name", {}, roleName(role)),
    h("span.count.figures", {}, count, h("span.unseen", {}, t("queue.waiting"))), order,
  );
  return { left: place(), middle: button, right: place(), order, count };
}

const BELIEVED = 3000; // milliseconds from the answer until the player's own stream must show what was saved

const CHANGES_EVERY = 10; // seconds, unless the server says how long to wait

let asked = null; // the roles that a player in the queue has asked for, until the player's own stream shows them
let saving = false;

/** The roles that the next change starts from: those of the player's entry, else those chosen for it. */
function present() {
  const entry = store.state.me.queue;
  return entry ? asked ?? entry.selected_roles : store.state.chosen;
}

function letGo(roles) {
  if (asked !== roles) return;
  asked = null;
  store.set({});
}

/** Choose these roles. A player in the queue keeps the place, and the entry changes. @returns {Promise<boolean>} whether it was done. */
async function choose(roles) {
  if (!store.state.me.queue) {
    rememberRoles(roles);
    store.set({ chosen: roles });
    return true;
  }
  if (roles.length < FEWEST) {
    say("error", t("queue.fewest"));
    return false;
  }
  asked = roles;
  if (saving) return true; // they are sent after the present request
  saving = true;
  let sent = null;
  try {
    while (asked !== null && asked !== sent) {
      sent = asked;
      let early = null;
      const isDone = await joinQueue(sent, (error) => (early = error));
      if (early !== null) sent = await later(early);
      else if (!isDone) asked = null;
      if (asked === null) return false;
    }
  } finally {
    saving = false;
  }
  setTimeout(letGo, BELIEVED, sent);
  return true;
}

/** Wait until the server takes another change of roles, which it does only every few seconds. Then the caller asks again. */
async function later(error) {
  say("done", t("queue.change_waits"));
  await new Promise((go) => setTimeout(go, (error.retryAfter || CHANGES_EVERY) * 1000));
  if (!store.state.me?.queue) asked = null;
  return null;
}

/** The shortest expected wait among some roles, in seconds; null if none is known. */
function shortestWait(queue, roles) {
  const known = roles.map((role) => queue.estimated_wait?.[role]).filter((wait) => typeof wait === "number");
  return known.length > 0 ? Math.min(...known) : null;
}

export function queueScreen() {
  const question = h("h2");
  const answer = h("p.display.figures");
  const explanation = h("p.lead");
  const progress = h("progress.wait", { "aria-hidden": "true", max: "1" });
  const hint = h("p.quiet", { id: "roles-hint" });
  const { element: picture, rows } = lanes(lane);
  const order = orderStrip(choose);
  const needed = h("p.needed", { role: "status" });
  const start = startButton(t("queue.join"), () => joinQueue(store.state.chosen));
  const leave = h("button.quiet", { type: "button", onclick: () => busy(leave, leaveQueue) }, t("queue.leave"));
  const heeding = alerts();
  const waiting = h("dd.figures", { id: "total-waiting" });
  const ongoing = h("dd.figures");
  const previous = h("dd.figures");
  const facts = h(
    "dl.facts",
    {},
    h("div", {}, h("dt", {}, t("queue.waiting")), waiting),
    h("div", {}, h("dt", {}, t("queue.ongoing")), ongoing),
    h("div", {}, h("dt", {}, t("queue.previous")), previous),
  );
  const last = h("p.last-match", { role: "status" });
  const roles = h("section.roles", { role: "group", "aria-label": t("queue.roles"), "aria-describedby": "roles-hint" }, hint, picture, needed);

  function drawHead({ queue, me, chosen }) {
    const entry = me.queue;
    const wait = shortestWait(queue, entry?.selected_roles ?? chosen);
    setText(question, t(entry ? "queue.searching" : "queue.question"));
    setText(hint, t(entry ? "queue.as_chosen" : "queue.choose"));
    setData(progress, "on", entry && wait !== null ? "" : null); // it keeps its room when it is empty, so that nothing moves
    if (entry) {
      const seconds = (serverNow() - Date.parse(entry.queued_at)) / 1000;
      setText(answer, formatClock(seconds));
      const late = wait !== null && seconds > wait;
      setText(explanation, wait === null ? t("queue.no_estimate") : t(late ? "queue.later" : "queue.against", { span: formatSpan(wait) }));
      progress.value = wait === null ? 0 : Math.min(1, Math.max(0, seconds / wait));
    } else {
      setText(answer, wait === null ? t("queue.unknown") : formatSpan(wait));
      setText(explanation, wait === null ? t("queue.no_estimate") : t("queue.estimate"));
    }
  }

  function drawRoles({ queue }) {
    const named = present();
    const taken = takenPlaces(queue);
    for (const role of ROLES) {
      const { left, middle, right, order: number, count } = rows.get(role);
      markChosen(middle, number, named, role);
      setText(count, t("queue.count", { n: formatNumber(queue.role_counts?.[role] ?? 0) }));
      const isNeeded = queue.needed_roles?.includes(role) ?? false;
      [left, right].forEach((each, index) => {
        const isTaken = (taken[role] ?? 0) > index;
        setData(each, "filled", isTaken ? "" : null);
        setData(each, "needed", isNeeded && !isTaken ? "" : null);
      });
    }
    order.update(named);
    const lacking = queue.needed_roles ?? [];
    const names = scarcest(queue).map(roleName).join(t("comma"));
    if (lacking.length === ROLES.length) setText(needed, t("queue.all_needed"));
    else setText(needed, lacking.length > 0 ? t("queue.needed", { roles: names }) : t("queue.none_needed"));
  }

  function drawLast(state) {
    const match = lastMatch(state);
    const team = match?.players[state.me.user_id]?.team;
    show(last, team !== undefined);
    if (team === undefined) return;
    if (match.status !== "done") setText(last, t("queue.last_pending", { n: match.report_count }));
    else {
      const delta = formatSigned(match.rate_deltas?.[state.me.user_id] ?? 0);
      setText(last, t("queue.last_done", { outcome: t(`outcome.${outcomeFor(match, team)}`), delta }));
    }
  }

  return {
    element: h(
      "section.card",
      {},
      h("div.head", {}, question, answer, explanation, progress),
      roles,
      order.element,
      h("div.actions", {}, start.element, leave),
      heeding.element,
      last,
      facts,
    ),

    update(state) {
      const { queue, me } = state;
      if (!saving && (!me.queue || me.queue.selected_roles.join() === asked?.join())) asked = null;
      drawHead(state);
      drawRoles(state);
      drawLast(state);
      heeding.update();
      show(start.element, !me.queue);
      start.tick();
      show(leave, Boolean(me.queue));
      setText(waiting, formatNumber(queue.total_waiting ?? 0));
      setText(ongoing, formatNumber(queue.ongoing_matches ?? 0));
      setText(previous, queue.previous_matched_at ? formatTime(queue.previous_matched_at) : t("none"));
    },

    tick(state) {
      drawHead(state);
      start.tick();
    },
  };
}
