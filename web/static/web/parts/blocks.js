/** The blocked players, each with a button to unblock. */

import { blockedIds, setBlocked } from "../blocks.js";
import { busy, h, show } from "../dom.js";
import { t } from "../i18n.js";
import { nameTag, ownTag } from "../names.js";
import { call } from "../session.js";

export function blockList() {
  const list = h("ul.blocks");
  const none = h("p.quiet", {}, t("blocks.none"));

  async function line(userId) {
    const player = await call("GET", `/users/${encodeURIComponent(userId)}`).catch(() => null);
    const unblock = h("button.quiet", { type: "button", onclick: () => busy(unblock, () => release(userId)) }, t("blocks.unblock"));
    return h("li", {}, h("a.clip", { href: `#player/${userId}`, dir: "auto" }, player?.trainer_name ?? userId), nameTag(player && ownTag(userId)), unblock);
  }

  async function release(userId) {
    if (await setBlocked(userId, false)) await read();
  }

  async function read() {
    const ids = await blockedIds();
    list.replaceChildren(...(await Promise.all(ids.map(line))));
    show(none, ids.length === 0);
  }

  return { element: h("div", {}, list, none), read };
}
