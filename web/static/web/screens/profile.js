/** The player's own page: rating and record, badges, profile, and blocked players. */

import { h, setText } from "../dom.js";
import { t } from "../i18n.js";
import { badgePicker } from "../parts/badge-picker.js";
import { blockList } from "../parts/blocks.js";
import { ratingCurve, readCurve } from "../parts/curve.js";
import { figures } from "../parts/figures.js";
import { ownData } from "../parts/own-data.js";
import { penaltyLine } from "../parts/penalty.js";
import { profileForm } from "../parts/profile-form.js";
import { recordList, recordsWatch } from "../parts/records.js";

const RECORDS = 20;

/**
 * @param {() => void} signOut
 * @param {() => void} deleted called when the account has been deleted.
 */
export function profileScreen(signOut, deleted) {
  const title = h("h2", { dir: "auto" });
  const numbers = figures();
  const penalty = penaltyLine();
  const curve = ratingCurve();
  const badges = badgePicker();
  const form = profileForm();
  const blocks = blockList();
  const data = ownData(deleted);
  const records = recordList("/users/me/records", RECORDS);
  const watch = recordsWatch(async (userId) => {
    const [drawn] = await Promise.all([readCurve(userId), records.read()]);
    curve.update(drawn);
  });

  return {
    element: h(
      "section.card",
      {},
      h("div.title-line", {}, title, h("button.quiet", { type: "button", onclick: signOut }, t("login.out"))),
      numbers.element,
      penalty.element,
      curve.element,
      h("details", { open: true }, h("summary", {}, h("h3", {}, t("record.title"))), records.element),
      h("details", {}, h("summary", {}, h("h3", {}, t("profile.edit"))), form.element),
      h("details", {}, h("summary", {}, h("h3", {}, t("badges.title"))), badges.element),
      h("details", {}, h("summary", {}, h("h3", {}, t("blocks.title"))), h("p.quiet", {}, t("blocks.hint")), blocks.element),
      h("details", {}, h("summary", {}, h("h3", {}, t("data.title"))), data.element),
    ),

    close: data.close,

    /** Read the blocked players, which are no stream, when the page is opened. */
    open() {
      blocks.read().catch(() => {});
    },

    update(state) {
      const { me } = state;
      if (!me) return;
      setText(title, me.trainer_name);
      numbers.update(me);
      penalty.update(me);
      badges.update(me.badges);
      form.update(me);
      watch(state);
    },

    tick: ({ me }) => penalty.update(me),
  };
}
