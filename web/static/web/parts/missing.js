/**
 * Reporting players who have not come, while the ten join. It takes two steps, since it cannot be undone. When more than
 * half of the others report the same player, the match is void.
 */

import { markMissing } from "../actions.js";
import { h, setText, show } from "../dom.js";
import { pluralForm, t } from "../i18n.js";
import { nameTag } from "../names.js";
import { readOwn } from "../own-report.js";
import { askingButton } from "./asking.js";

export function missingPlayers() {
  let matchId = null;
  let shown = ""; // the match and its players
  let lines = new Map(); // user_id -> {said, settle}
  const list = h("ul.missing");
  const element = h("details", { hidden: true, ontoggle: look }, h("summary", {}, t("missing.title")), h("p.quiet", {}, t("missing.hint")), list);

  function line(userId, player) {
    const said = h("span.quiet.figures");
    const own = h("span.own-mark", { hidden: true }, t("missing.own"));
    const words = { act: t("missing.mark"), question: t("missing.question"), yes: t("missing.confirm"), no: t("missing.cancel") };
    const asking = askingButton(words, mark);

    async function mark() {
      const isDone = await markMissing(matchId, userId);
      if (isDone) settle();
      return isDone;
    }

    function settle() {
      show(asking.button, false);
      show(asking.question, false);
      show(own, true);
    }

    return { said, settle, element: h("li", {}, h("bdi.clip", {}, player.trainer_name), nameTag(player.tag), said, asking.button, own, asking.question) };
  }

  /** Read whom the player has reported already, on another device or before a reload. */
  async function look() {
    if (!element.open) return;
    const asked = matchId;
    const { missing } = await readOwn(asked).catch(() => ({ missing: [] }));
    if (asked === matchId) for (const userId of missing) lines.get(userId)?.settle();
  }

  return {
    element,

    /** @param {boolean} awaited whether the player has not reported the match. */
    update(match, me, awaited) {
      const others = Object.entries(match.players).filter(([userId]) => userId !== me);
      const key = [match.match_id, ...others.map(([userId]) => userId)].join();
      if (key !== shown) {
        if (match.match_id !== matchId) element.open = false;
        [shown, matchId] = [key, match.match_id];
        lines = new Map(others.map(([userId, player]) => [userId, line(userId, player)]));
        list.replaceChildren(...[...lines.values()].map((each) => each.element));
        look();
      }
      for (const [userId, { missing = 0 }] of others) {
        setText(lines.get(userId).said, missing > 0 ? t(`missing.said.${pluralForm(missing)}`, { n: missing }) : "");
      }
      show(element, awaited && match.phase === "joining");
    },
  };
}
