/** The catalogue of badges, and how each is drawn. */

import { requestAll } from "./api.js";
import { svg } from "./dom.js";
import { has, t } from "./i18n.js";

const GLYPHS = {
  footprint: "M10 7c2 0 3 1.6 3 4s-1 3-1 4.5-1 3-2.5 3S7 17 7 15.5 8 13.5 8 11s0-4 2-4zM8 4.5h2v2H8zM11 4h2v2h-2zM14 6h2v2h-2z",
  sprout: "M11 19v-6c-4 0-6-2-6-6 4 0 6 2 6.5 4.5C12 8 14.5 6 19 6c0 4.5-2.5 7-6 7v6z",
  flag: "M7 4h2v16H7zM10 5h9l-3 3.5L19 12h-9z",
  mountain: "M3 19l6.5-12 4 6.5L15.5 10 21 19z",
  peak: "M12 4l8 15H4zM12 9l-2.5 5h5z",
  pentagon: "M12 4l8 6-3 9H7l-3-9z",
  lantern: "M10 3h4v2h2l2 5-2 7H8l-2-7 2-5h2zM9 18.5h6v2H9z",
  handshake: "M3 8l5-2 4 2 4-2 5 2v7h-3l-6 5-6-5H3zM9 11l3-1 4 4-1.5 1.5z",
  crown: "M3 18V7l5 4 4-7 4 7 5-4v11z",
  trophy: "M7 4h10v2h4c0 4-2 6.5-4.7 7A5 5 0 0 1 13 15.9V18h4v2H7v-2h4v-2.1A5 5 0 0 1 7.7 13C5 12.5 3 10 3 6h4z",
  medal: "M7 2h4l1 4 1-4h4l-2.5 6.3a6 6 0 1 1-5 0zM12 11l-1 2.2-2.4.2 1.8 1.6-.5 2.4L12 16.2l2.1 1.2-.5-2.4 1.8-1.6-2.4-.2z",
};
const STAR = "M12 4l2.4 5.2 5.6.6-4.2 3.8 1.2 5.6L12 16.4l-5 2.8 1.2-5.6L4 9.8l5.6-.6z";
const COLOUR = /^#[0-9a-f]{6}$/i;

let loading = null;

/** All badges by id; read once. */
export function catalogue() {
  loading ??= requestAll("/badges")
    .then((badges) => new Map(badges.map((badge) => [badge.id, badge])))
    .catch((error) => {
      loading = null;
      throw error;
    });
  return loading;
}

/** A badge's name. Badges that come with the service have one in the page's language. */
export const badgeName = (badge) => (has(`badge.${badge.id}.name`) ? t(`badge.${badge.id}.name`) : badge.name);

/** How a badge is earned. */
export const badgeEarnedBy = (badge) => (has(`badge.${badge.id}.by`) ? t(`badge.${badge.id}.by`) : badge.earned_by);

/** Draw a badge. It appears once the catalogue has come. */
export function badgeIcon(id) {
  const ground = svg("circle", { cx: "12", cy: "12", r: "12" });
  const glyph = svg("path", { fill: "#fff", "fill-rule": "evenodd", transform: "translate(2.4 2.4) scale(.8)" });
  const title = svg("title");
  const drawing = svg("svg", { class: "badge", viewBox: "0 0 24 24", role: "img", "aria-label": id }, title, ground, glyph);
  catalogue().then(
    (badges) => {
      const badge = badges.get(id);
      if (!badge) return;
      const { icon, colour } = badge.look;
      ground.setAttribute("fill", COLOUR.test(colour) ? colour : "#666666");
      glyph.setAttribute("d", GLYPHS[icon] ?? STAR);
      title.textContent = badgeName(badge);
      drawing.setAttribute("aria-label", badgeName(badge));
    },
    () => {}, // without the catalogue the place stays a plain disc
  );
  return drawing;
}
