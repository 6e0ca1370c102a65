/**
 * The player's report, on one sheet. What the sheet is for is settled when it is opened: to say that the match cannot
 * be started, to say what came out, or, once the match is done, to report a player. When that is no longer to be
 * done, the sheet closes with a word, so that no button changes its meaning under the player's thumb.
 */

import { report } from "../actions.js";
import { h, setText, show } from "../dom.js";
import { t } from "../i18n.js";
import { nameTag } from "../names.js";
import { forgetReport, rememberReport } from "../own-report.js";
import { clear, onSubmit, showRefusal } from "../refusal.js";
import { ROLES, roleName } from "../roles.js";
import { say } from "../toast.js";
import { OTHER } from "./plates.js";

const OUTCOMES = ["win", "loss", "void"];
const REASONS = ["lobby_not_made", "players_missing", "cannot_enter", "other"];

/** What the sheet is for, in this phase of a match. */
const purposeIn = (phase) => ({ lobby: "early", done: "late" })[phase] ?? "result";

export function reportSheet() {
  let match = null;
  let me = null;
  let listed = ""; // the players who can be named, and of which match
  let purpose = null;
  let isSending = false;

  const choices = OUTCOMES.map((outcome) => {
    const radio = h("input", { type: "radio", name: "result", value: outcome, required: "" });
    return h("label.choice", { "data-outcome": outcome }, radio, h("span", {}, t(`outcome.${outcome}`)));
  });
  const reasonLines = REASONS.map((reason) =>
    h("label.reason", {}, h("input", { type: "radio", name: "reason", value: reason, required: "" }), h("span", {}, t(`reason.${reason}`))),
  );
  const violations = h("div.violations");
  const summary = h("summary", {}, t("report.misconduct"));
  const misconductHint = h("p.quiet", {});
  const misconduct = h("details", {}, summary, misconductHint, violations);
  const question = h("h2", { id: "report-question" });
  const hint = h("p.quiet", {});
  const send = h("button.act", { type: "submit" });
  const cancel = h("button", { type: "button", onclick: () => sheet.close() }, t("report.cancel"));
  const outcomes = h("fieldset.choices", { role: "radiogroup", "aria-labelledby": "report-question" }, ...choices);
  const reasons = h("fieldset.reasons", {}, h("legend", {}, t("reason.question")), ...reasonLines);
  const form = h("form.report", {}, hint, outcomes, reasons, misconduct, h("div.sheet-actions", {}, cancel, send));
  const sheet = h("dialog.sheet", { "aria-labelledby": "report-question" }, question, form);
  onSubmit(form, send, submit);
  form.addEventListener("change", drawReasons);
  sheet.addEventListener("click", (event) => {
    if (event.target === sheet) sheet.close(); // the ground beside it
  });

  async function submit() {
    const data = new FormData(form);
    const outcome = purpose === "early" ? "void" : data.get("result");
    const fields = { result: match.result ?? resultOf(outcome), violations: data.getAll("violation") };
    if (!reasons.disabled && data.get("reason")) fields.reason = data.get("reason");
    const { match_id: matchId } = match;
    isSending = true;
    rememberReport(matchId, fields); // before the stream shows that there is one
    try {
      if (await report(matchId, fields, refused)) sheet.close();
      else forgetReport(matchId);
    } finally {
      isSending = false;
    }
  }

  function refused(error) {
    if (sheet.open && isToBeDone()) {
      showRefusal(form, error);
      return;
    }
    sheet.close();
    say("error", error.words);
  }

  /** Whether what the sheet was opened for can still be done. */
  const isToBeDone = () => (match.status === "done") === (purpose === "late");

  /** The players say win or loss; the match knows teams. */
  function resultOf(outcome) {
    const own = match.players[me].team;
    return { win: `${own}-win`, loss: `${OTHER[own]}-win`, void: "invalid" }[outcome];
  }

  function listOthers() {
    const own = match.players[me].team;
    const position = ([, { team, role }]) => (team === own ? 0 : ROLES.length) + ROLES.indexOf(role);
    const others = Object.entries(match.players).filter(([userId]) => userId !== me);
    others.sort((one, other) => position(one) - position(other));
    violations.replaceChildren(
      ...others.map(([userId, player]) =>
        h(
          "label.violation",
          { "data-team": player.team },
          h("input", { type: "checkbox", name: "violation", value: userId }),
          h("bdi", {}, player.trainer_name),
          nameTag(player.tag),
          h("span.quiet", {}, roleName(player.role)),
        ),
      ),
    );
  }

  /** A void match has a reason. */
  function drawReasons() {
    const isAsked = purpose === "early" || (purpose === "result" && new FormData(form).get("result") === "void");
    reasons.disabled = !isAsked;
    show(reasons, isAsked);
    // Once there is a lobby, that none was made is no reason any more.
    const [first] = reasonLines;
    first.firstChild.disabled = purpose !== "early";
    show(first, purpose === "early");
  }

  function drawPurpose() {
    const isLate = purpose === "late";
    outcomes.disabled = purpose !== "result";
    show(outcomes, purpose === "result");
    show(summary, !isLate); // the sheet's own heading says it
    misconduct.open = isLate;
    setText(hint, isLate ? "" : t(`report.hint.${purpose}`));
    show(hint, !isLate);
    setText(misconductHint, t(isLate ? "report.late_hint" : "report.misconduct_hint"));
    setText(question, t(`report.question.${purpose}`));
    setText(send, t(`report.send.${purpose}`));
    drawReasons();
  }

  return {
    element: sheet,

    /** What the button says that opens the sheet now. */
    label: () => t(`report.open.${purposeIn(match.phase)}`),

    open() {
      const wanted = purposeIn(match.phase);
      if (wanted !== purpose) form.reset();
      purpose = wanted;
      clear(form);
      drawPurpose();
      sheet.showModal();
    },

    /** The match is not shown any more. */
    close() {
      if (!sheet.open) return;
      sheet.close();
      if (!isSending) say("done", t("report.over"));
    },

    /** @param {boolean} awaited whether the player has not reported. */
    update(newMatch, newMe, awaited) {
      const players = [newMe, newMatch.match_id, ...Object.keys(newMatch.players)].join();
      const isNew = players !== listed;
      if (isNew) this.close();
      [match, me] = [newMatch, newMe];
      if (isNew) {
        [listed, purpose] = [players, null];
        form.reset();
        listOthers();
      }
      if (!sheet.open || isSending || (awaited && isToBeDone())) return;
      sheet.close();
      say("done", t(awaited ? "report.over" : "report.elsewhere"));
    },
  };
}
