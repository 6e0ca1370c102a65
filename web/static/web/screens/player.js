/** Another player's public page. */

import { ApiError } from "../api.js";
import { blockedIds, setBlocked } from "../blocks.js";
import { busy, h, setText, show } from "../dom.js";
import { t } from "../i18n.js";
import { ownTag } from "../names.js";
import { badgeRow } from "../parts/badges.js";
import { ratingCurve, readCurve } from "../parts/curve.js";
import { figures } from "../parts/figures.js";
import { recordList } from "../parts/records.js";
import { roleTag } from "../roles.js";
import { call } from "../session.js";

const RECORDS = 20;

export function playerScreen() {
  let shown = null; // the user_id
  let blocked = false;

  const title = h("h2", { dir: "auto" });
  const tag = h("span.name-tag.figures");
  const badges = badgeRow();
  const bio = h("p.bio", { dir: "auto" });
  const twitter = h("a", { rel: "noopener noreferrer", target: "_blank" });
  const roles = h("p.role-tags");
  const numbers = figures();
  const curve = ratingCurve();
  const recordsPlace = h("div");
  const block = h("button", { type: "button", onclick: () => busy(block, toggle) });
  const body = h("div.card-body", {}, bio, roles, twitter, numbers.element, curve.element, h("h3", {}, t("record.title")), recordsPlace, block);
  const problem = h("p.problem", { role: "alert" });

  async function toggle() {
    if (await setBlocked(shown, !blocked)) drawBlock(!blocked);
  }

  function drawBlock(isBlocked) {
    blocked = isBlocked;
    setText(block, t(blocked ? "blocks.unblock" : "blocks.block"));
  }

  async function read(userId, me) {
    const path = `/users/${encodeURIComponent(userId)}`;
    const records = recordList(`${path}/records`, RECORDS);
    const [player, drawn, ids] = await Promise.all([call("GET", path), readCurve(userId), blockedIds(), records.read()]);
    if (userId !== shown) return;
    setText(title, player.trainer_name);
    setText(tag, `#${ownTag(userId)}`);
    badges.update(player.badges);
    setText(bio, player.bio);
    show(bio, player.bio !== "");
    setText(twitter, `@${player.twitter_id}`);
    twitter.href = `https://x.com/${encodeURIComponent(player.twitter_id)}`;
    show(twitter, player.twitter_id !== "");
    roles.replaceChildren(...player.preferred_roles.map(roleTag));
    numbers.update(player);
    curve.update(drawn);
    recordsPlace.replaceChildren(records.element);
    show(block, userId !== me.user_id);
    drawBlock(ids.includes(userId));
    show(body, true);
  }

  return {
    element: h("section.card", {}, h("div.title-line", {}, title, tag, badges.element), body, problem),

    update({ subject, me }) {
      if (subject === shown || subject === null || !me) return;
      shown = subject;
      setText(title, t("loading"));
      setText(tag, "");
      badges.update([]);
      show(body, false);
      show(problem, false);
      read(subject, me).catch((error) => {
        if (shown !== subject) return;
        shown = null;
        setText(title, t("page.player"));
        setText(problem, error instanceof ApiError && error.status === 404 ? t("player.none") : t("error.failed"));
        show(problem, true);
      });
    },
  };
}
