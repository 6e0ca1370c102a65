/** The player's report: what came out, and whom to report for misconduct. */

import { report } from "../actions.js";
import { busy, h, setText, show } from "../dom.js";
import { t } from "../i18n.js";
import { ROLES, roleName } from "../roles.js";
import { OTHER } from "./plates.js";

const OUTCOMES = ["win", "loss", "void"];

export function reportForm() {
  let match = null;
  let me = null;

  const choices = OUTCOMES.map((outcome) => {
    const radio = h("input", { type: "radio", name: "outcome", value: outcome, required: "" });
    return h("label.choice", { "data-outcome": outcome }, radio, h("span", {}, t(`outcome.${outcome}`)));
  });
  const violations = h("div.violations");
  const misconduct = h("details", {}, h("summary", {}, t("report.misconduct")), h("p.quiet", {}, t("report.misconduct_hint")), violations);
  const button = h("button.act", { type: "submit" }, t("report.send"));
  const hint = h("p.quiet");
  const form = h(
    "form.report",
    {
      onsubmit: (event) => {
        event.preventDefault();
        const data = new FormData(form);
        busy(button, () => report(match.match_id, resultOf(data.get("outcome")), data.getAll("violation")));
      },
    },
    h("fieldset", {}, h("legend", {}, t("report.question")), h("div.choices", {}, ...choices)),
    misconduct,
    hint,
    button,
  );

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
          h("span.quiet", {}, roleName(player.role)),
        ),
      ),
    );
  }

  return {
    element: form,

    update(newMatch, newMe) {
      const isNew = match?.match_id !== newMatch.match_id || me !== newMe;
      [match, me] = [newMatch, newMe];
      if (isNew) {
        form.reset();
        listOthers();
      }
      setText(hint, t("report.hint"));
      show(hint, match.phase !== "playing");
    },
  };
}
