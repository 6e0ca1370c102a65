/** A match from when it is found to its result: what to do now, who is present, and the outcome. */

import { makeHost } from "../actions.js";
import { serverNow } from "../api.js";
import { busy, h, setData, setText, show } from "../dom.js";
import { formatClock, t } from "../i18n.js";
import { taggedName } from "../names.js";
import { lobby } from "../parts/lobby.js";
import { missingPlayers } from "../parts/missing.js";
import { OTHER, plates } from "../parts/plates.js";
import { reportSheet } from "../parts/report.js";
import { result } from "../parts/result.js";
import { roleIcon, roleName } from "../roles.js";
import { shownMatch } from "../store.js";

export function matchScreen() {
  let match = null;
  let me = null;
  let listed = ""; // the match whose players' names are listed

  const phase = h("p.eyebrow");
  const roleMark = h("span.role-mark");
  const own = h("span");
  const hostMark = h("span.host-mark", {}, t("match.you_host"));
  const team = h("p.own-team");
  const played = h("p.figures.quiet");
  const teams = plates();
  const room = lobby();
  const missing = missingPlayers();
  const outcome = result();
  const sheet = reportSheet();
  const report = h("button", { type: "button", onclick: () => sheet.open() });
  const reportPlace = h("div.match-actions", {}, report);

  const host = h("dd.clip", { dir: "auto" });
  const voice = h("dd.figures");
  const otherVoice = h("dd.figures");
  const facts = h(
    "dl.facts",
    {},
    h("div", {}, h("dt", {}, t("match.host")), host),
    h("div", {}, h("dt", {}, t("match.voice")), voice),
    h("div", {}, h("dt", {}, t("match.other_voice")), otherVoice),
  );

  const successor = h("select", { id: "successor" });
  const hand = h(
    "button",
    { type: "button", onclick: () => busy(hand, () => makeHost(match.match_id, successor.value)) },
    t("match.hand"),
  );
  const handing = h("details", {}, h("summary", {}, t("match.hand_on")), h("label", { for: "successor" }, t("match.hand_to")), h("div.row", {}, successor, hand));

  function listSuccessors() {
    const others = Object.entries(match.players).filter(([userId]) => userId !== me);
    successor.replaceChildren(...others.map(([userId, player]) => h("option", { value: userId }, taggedName(player))));
  }

  function drawPlayed() {
    const seconds = (serverNow() - Date.parse(match.matched_at)) / 1000;
    setText(played, t("match.played", { time: formatClock(seconds) }));
    show(played, match.phase === "playing");
  }

  /** Draw the button that reports. It stands out while the match is played. Before and after it is for problems only. */
  function drawReport(awaited) {
    sheet.update(match, me, awaited);
    show(reportPlace, awaited);
    setText(report, sheet.label());
    report.className = match.phase === "playing" ? "act big" : "quiet";
  }

  const element = h(
    "section.card.match",
    {},
    h("div.head", {}, phase, h("div.own-line", {}, roleMark, h("div", {}, h("h2.own", {}, own, hostMark), team)), played),
    outcome.element,
    room.element,
    facts,
    teams.element,
    missing.element,
    handing,
    reportPlace,
    sheet.element,
  );

  return {
    element,

    update(state) {
      const isNew = match?.match_id !== shownMatch(state).match_id;
      match = shownMatch(state);
      me = state.me.user_id;
      if (isNew) handing.open = false;
      const players = [match.match_id, ...Object.keys(match.players)].join();
      if (players !== listed) {
        listed = players;
        listSuccessors();
      }
      const seat = match.players[me];
      const done = match.status === "done";
      const finished = done || seat.reported === true;
      element.classList.toggle("finished", finished); // the result is the largest thing then
      setText(phase, t(finished && !done ? "phase.reported" : `phase.${match.phase}`));
      setText(own, roleName(seat.role));
      setText(team, t("match.your_team", { team: t(`team.${seat.team}`) }));
      setData(team, "team", seat.team);
      if (isNew) roleMark.replaceChildren(roleIcon(seat.role));
      show(hostMark, !finished && match.host_user_id === me);
      drawPlayed();
      teams.update(match, me);
      show(outcome.element, finished);
      if (finished) outcome.update(match, me, state.me);
      show(room.element, !finished);
      room.update(match, me);
      setText(host, match.host_user_id in match.players ? taggedName(match.players[match.host_user_id]) : t("none"));
      setText(voice, match.vc ? String(match.vc[seat.team]) : t("none"));
      setText(otherVoice, match.vc ? String(match.vc[OTHER[seat.team]]) : t("none"));
      show(facts, !done);
      missing.update(match, me, !finished);
      drawReport(seat.reported !== true);
      show(handing, !finished && match.host_user_id === me);
    },

    /** Close what is open, since another screen takes the place of this one. */
    close: () => sheet.close(),

    tick() {
      drawPlayed();
      room.tick();
      if (!outcome.element.hidden) outcome.tick();
    },
  };
}
