/**
 * The chosen roles in the order of preference. The player changes the order by dragging, by the arrow keys, or by a tap,
 * which puts a role first.
 */

import { h, setData, setText } from "../dom.js";
import { t } from "../i18n.js";
import { ROLES, roleIcon, roleName } from "../roles.js";

const SLOP = 6; // pixels that a finger may move in a tap; beyond it drags

/**
 * @param {(roles: string[]) => Promise<boolean|void>|void} changed is told the new order. If its promise brings false, the
 *   order of before is shown again.
 */
export function orderStrip(changed) {
  let roles = []; // in the order that the page has
  let shown = []; // in the order that is drawn, which is newer while the player drags or the order is saved
  let drag = null; // {role, x, y, moved}

  const hintId = `order-hint-${Math.random().toString(36).slice(2)}`;
  const spoken = h("span.unseen", { "aria-live": "polite" });
  const chips = new Map(ROLES.map((role) => [role, chip(role)]));
  const slots = ROLES.map((_, index) => h("li.slot", {}, h("span.slot-number.figures", { "aria-hidden": "true" }, String(index + 1))));
  const list = h("ol.order-strip", { "aria-label": t("order.label") }, ...slots);
  const hint = h("p.quiet", { id: hintId });
  const element = h("div.order-box", {}, list, hint, spoken);

  function chip(role) {
    return h(
      "button.chip",
      {
        type: "button", "data-role": role, "aria-describedby": hintId,
        onkeydown: (event) => pressed(event, role),
        onclick: () => tapped(role),
        onpointerdown: (event) => grabbed(event, role),
        onpointermove: (event) => dragged(event),
        onpointerup: () => dropped(),
        onpointercancel: () => cancelled(),
      },
      roleIcon(role),
      h("span.chip-name", {}, roleName(role)),
    );
  }

  function draw(next) {
    shown = next;
    setData(element, "empty", next.length === 0 ? "" : null);
    setText(hint, t(next.length === 0 ? "order.empty" : "order.hint"));
    const focused = document.activeElement;
    slots.forEach((slot, index) => {
      const wanted = chips.get(next[index]) ?? null;
      const present = slot.querySelector(".chip");
      if (present === wanted) return;
      present?.remove();
      if (wanted) slot.append(wanted);
    });
    if (focused?.matches(".chip") && focused !== document.activeElement && focused.isConnected) focused.focus();
  }

  /** The order after a role has moved to another place. */
  function moved(role, place) {
    const rest = shown.filter((other) => other !== role);
    const to = Math.min(Math.max(place, 0), rest.length);
    return [...rest.slice(0, to), role, ...rest.slice(to)];
  }

  async function settle(next) {
    if (next.join() === roles.join()) return;
    draw(next);
    if ((await changed(next)) === false) draw(roles);
  }

  function place(role, to) {
    const next = moved(role, to);
    setText(spoken, t("order.placed", { role: roleName(role), n: next.indexOf(role) + 1 }));
    settle(next);
  }

  function pressed(event, role) {
    const at = shown.indexOf(role);
    const target = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: ROLES.length }[event.key];
    if (target !== undefined) place(role, target);
    else if (event.key === "Delete" || event.key === "Backspace") settle(shown.filter((other) => other !== role));
    else return;
    event.preventDefault();
  }

  function tapped(role) {
    if (drag?.moved) drag = null; // this click only ends a drag
    else place(role, 0);
  }

  function grabbed(event, role) {
    drag = event.button === 0 ? { role, x: event.clientX, y: event.clientY, moved: false } : null;
  }

  function dragged({ clientX, clientY, pointerId }) {
    if (!drag || drag.dropped || (!drag.moved && Math.hypot(clientX - drag.x, clientY - drag.y) < SLOP)) return;
    if (!drag.moved) list.setPointerCapture(pointerId); // the strip receives the pointer's events while chips change places
    drag.moved = true;
    list.dataset.dragging = drag.role;
    const to = slots.findIndex((slot) => {
      const { left, right } = slot.getBoundingClientRect();
      return clientX >= left && clientX < right;
    });
    if (to >= 0 && to < shown.length) draw(moved(drag.role, to));
  }

  function dropped() {
    delete list.dataset.dragging;
    if (!drag?.moved) return;
    drag.dropped = true;
    place(drag.role, shown.indexOf(drag.role));
  }

  function cancelled() {
    delete list.dataset.dragging;
    drag = null;
    draw(roles);
  }

  // While the strip has captured the pointer, its events do not come to the chip.
  list.addEventListener("pointermove", (event) => event.target === list && dragged(event));
  list.addEventListener("pointerup", (event) => event.target === list && dropped());
  list.addEventListener("pointercancel", (event) => event.target === list && cancelled());

  return {
    element,

    /** Show these roles, unless one is being dragged. */
    update(next) {
      roles = next;
      if (!drag?.moved || drag.dropped) draw(next);
    },
  };
}
