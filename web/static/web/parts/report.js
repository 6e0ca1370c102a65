/**
 * The player's report, on one sheet. The sheet has one of three purposes: to say that the match cannot be started, to
 * report its result, or, once it is done, to report a player. The purpose is fixed when the sheet is opened. When it is
 * out of date, the sheet closes with a message, so that no button changes its meaning as the player presses it.
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

/** The purpose of a sheet that is opened in this phase of a match. */
const purposeIn = (phase) => ({ lobby: "early", done: "late" })[phase] ?? "result";

export function reportSheet() {
  let match = null;
  let me = null;
  let listed = ""; // the match, and the players of it who can be named
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
    if (event.target === sheet) sheet.close(); // a click beside the sheet
  });

  async function submit() {
    const data = new FormData(form);
    const outcome = purpose === "early" ? "void" : data.get("result");
    const fields = { result: match.result ?? resultOf(outcome), violations: data.getAll("violation") };
    if (!reasons.disabled && data.get("reason")) fields.reason = data.get("reason");
    const { match_id: matchId } = match;
    isSending = true;
    rememberReport(matchId, fields); // before the stream shows that the player has reported
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

  /** Whether the sheet's purpose is still up to date. */
  const isToBeDone = () => (match.status === "done") === (purpose === "late");

  /** The winning team. Players report that they have won or lost, but a match records the team. */
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

  /** Ask for a reason if the match could not be played. */
  function drawReasons() {
    const isAsked = purpose === "early" || (purpose === "result" && new FormData(form).get("result") === "void");
    reasons.disabled = !isAsked;
    show(reasons, isAsked);
    // Once there is a lobby, "there was no lobby" is no reason any more.
    const [first] = reasonLines;
    first.firstChild.disabled = purpose !== "early";
    show(first, purpose === "early");
  }

  function drawPurpose() {
    const isLate = purpose === "late";
    outcomes.disabled = purpose !== "result";
    show(outcomes, purpose === "result");
    show(summary, !isLate); // the sheet's heading says it already
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

    /** The words of the button that opens the sheet. */
    label: () => t(`report.open.${purposeIn(match.phase)}`),

    open() {
      const wanted = purposeIn(match.phase);
      if (wanted !== purpose) form.reset();
      purpose = wanted;
      clear(form);
      drawPurpose();
      sheet.showModal();
    },

    /** Close the sheet, since the match is not shown any more. */
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
