/** While the ten join: saying who has not come. More than half of the others saying so makes the match void. */

import { markMissing } from "../actions.js";
import { busy, h, setText, show } from "../dom.js";
import { t } from "../i18n.js";
import { nameTag } from "../names.js";

export function missingPlayers() {
  let matchId = null;
  let lines = new Map(); // user_id -> {said, button}
  const list = h("ul.missing");
  const element = h("details", { hidden: true }, h("summary", {}, t("missing.title")), h("p.quiet", {}, t("missing.hint")), list);

  function line(userId, player) {
    const said = h("span.quiet.figures");
    const button = h("button", { type: "button", onclick: () => busy(button, mark) }, t("missing.mark"));
    let marked = false;
    async function mark() {
      marked = marked || (await markMissing(matchId, userId));
      show(button, !marked); // there is no taking it back
    }
    return { said, element: h("li", {}, h("bdi.clip", {}, player.trainer_name), nameTag(player.tag), said, button) };
  }

  return {
    element,

    /** @param {boolean} awaited whether the player still takes part. */
    update(match, me, awaited) {
      const others = Object.entries(match.players).filter(([userId]) => userId !== me);
      if (match.match_id !== matchId) {
        matchId = match.match_id;
        lines = new Map(others.map(([userId, player]) => [userId, line(userId, player)]));
        list.replaceChildren(...[...lines.values()].map((each) => each.element));
      }
      for (const [userId, { missing = 0 }] of others) {
        setText(lines.get(userId).said, missing > 0 ? t("missing.said", { n: missing }) : "");
      }
      show(element, awaited && match.phase === "joining");
    },
  };
}
