/**
 * The player's report, on one sheet: what came out, and whom to report for misconduct. Once the
 * match is done, who has not reported may still do the latter.
 */

import { report } from "../actions.js";
import { busy, h, setText, show } from "../dom.js";
import { t } from "../i18n.js";
import { nameTag } from "../names.js";
import { ROLES, roleName } from "../roles.js";
import { store } from "../store.js";
import { OTHER } from "./plates.js";

const OUTCOMES = ["win", "loss", "void"];

export function reportSheet() {
  let match = null;
  let me = null;

  const choices = OUTCOMES.map((outcome) => {
    const radio = h("input", { type: "radio", name: "outcome", value: outcome, required: "" });
    return h("label.choice", { "data-outcome": outcome }, radio, h("span", {}, t(`outcome.${outcome}`)));
  });
  const violations = h("div.violations");
  const summary = h("summary", {}, t("report.misconduct"));
  const misconductHint = h("p.quiet", {});
  const misconduct = h("details", {}, summary, misconductHint, violations);
  const problem = h("p.problem", { role: "alert", hidden: true });
  const question = h("h2", { id: "report-question" });
  const hint = h("p.quiet", {}, t("report.hint"));
  const send = h("button.act", { type: "submit" });
  const cancel = h("button", { type: "button", onclick: () => sheet.close() }, t("report.cancel"));
  const outcomes = h("fieldset.choices", { role: "radiogroup", "aria-labelledby": "report-question" }, ...choices);
  const form = h(
    "form.report",
    {
      onsubmit: (event) => {
        event.preventDefault();
        busy(send, submit);
      },
    },
    outcomes,
    hint,
    misconduct,
    problem,
    h("div.sheet-actions", {}, cancel, send),
  );
  const sheet = h("dialog.sheet", { "aria-labelledby": "report-question" }, question, form);
  sheet.addEventListener("click", (event) => {
    if (event.target === sheet) sheet.close(); // the ground beside it
  });

  async function submit() {
    const data = new FormData(form);
    problem.hidden = true;
    if (await report(match.match_id, match.result ?? resultOf(data.get("outcome")), data.getAll("violation"))) {
      sheet.close();
      return;
    }
    // The page's notice lies beneath the sheet.
    setText(problem, store.state.notice?.text ?? "");
    problem.hidden = false;
  }

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

  function drawChoices(late) {
    outcomes.disabled = late;
    show(outcomes, !late);
    show(hint, !late);
    show(summary, !late); // the sheet's own heading says it
    setText(misconductHint, t(late ? "report.late_hint" : "report.misconduct_hint"));
    if (late) misconduct.open = true;
    setText(question, t(late ? "report.late" : "report.question"));
    setText(send, t(late ? "report.send_late" : "report.send"));
  }

  return {
    element: sheet,

    open() {
      problem.hidden = true;
      sheet.showModal();
    },

    /** @param {boolean} awaited whether the player has not reported. */
    update(newMatch, newMe, awaited) {
      const isNew = match?.match_id !== newMatch.match_id || me !== newMe;
      [match, me] = [newMatch, newMe];
      if (isNew) {
        form.reset();
        listOthers();
      }
      drawChoices(match.status === "done");
      if (!awaited && sheet.open) sheet.close(); // as when another tab has reported
    },
  };
}
