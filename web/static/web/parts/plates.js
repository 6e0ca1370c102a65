/** The ten players of a match in their places, the viewer's own team on the left. */

import { h, setData, setText, show } from "../dom.js";
import { formatNumber, t } from "../i18n.js";
import { roleIcon, roleName } from "../roles.js";
import { badgeRow } from "./badges.js";
import { lanes } from "./lanes.js";

export const OTHER = { A: "B", B: "A" };

function plate() {
  const refs = {
    name: h("a.plate-name", { dir: "auto" }),
    tag: h("span.name-tag.figures"),
    badges: badgeRow(),
    rate: h("span.plate-rate.figures"),
    presence: h("span.presence"),
    presenceWord: h("span.unseen"),
    host: h("span.tag", {}, t("match.host")),
    missing: h("span.tag.figures.away"),
    reported: h("span.check", {}, h("span", { "aria-hidden": "true" }, "✓"), h("span.unseen", {}, t("match.reported_tag"))),
  };
  refs.presence.append(refs.presenceWord);
  const top = h("span.plate-top", {}, refs.presence, refs.name, refs.tag, refs.reported);
  const bottom = h("span.plate-bottom", {}, refs.rate, refs.badges.element, refs.host, refs.missing);
  return { ...refs, element: h("div.plate", {}, top, bottom) };
}

function fill(refs, match, userId, player, me) {
  setText(refs.name, player?.trainer_name ?? "");
  setText(refs.tag, player?.tag ? `#${player.tag}` : "");
  if (userId) refs.name.setAttribute("href", `#player/${userId}`);
  refs.badges.update(player?.badges);
  setText(refs.rate, player ? formatNumber(player.rate) : "");
  setData(refs.element, "team", player?.team);
  setData(refs.element, "me", userId !== undefined && userId === me ? "" : null);
  setData(refs.element, "online", player ? String(player.online === true) : null);
  setText(refs.presenceWord, t(player?.online ? "match.online" : "match.offline"));
  const open = match.status !== "done";
  show(refs.host, open && userId !== undefined && userId === match.host_user_id);
  show(refs.missing, open && Boolean(player?.missing));
  setText(refs.missing, t("missing.tag", { n: player?.missing ?? 0 }));
  show(refs.reported, open && player?.reported === true);
}

export function plates() {
  const heads = [h("p.team-name"), h("p.team-name")];
  const { element, rows } = lanes((role) => {
    const left = plate();
    const right = plate();
    const middle = h("span.lane-role", {}, roleIcon(role), h("span.lane-name", {}, roleName(role)));
    return { left: left.element, middle, right: right.element, plates: [left, right] };
  });
  return {
    element: h("div.teams", {}, h("div.team-heads", {}, heads[0], h("span"), heads[1]), element),

    /** Draw a match as `me` sees it. */
    update(match, me) {
      const own = match.players[me]?.team ?? "A";
      const players = Object.entries(match.players);
      [own, OTHER[own]].forEach((team, side) => {
        setText(heads[side], t(`team.${team}`));
        setData(heads[side], "team", team);
        for (const [role, row] of rows) {
          const [userId, player] = players.find(([, each]) => each.team === team && each.role === role) ?? [];
          fill(row.plates[side], match, userId, player, me);
        }
      });
    },
  };
}
