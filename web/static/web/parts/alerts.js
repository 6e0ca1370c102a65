/** How the player is told that a match was found: by a sound, by a notification of the system. */

import { askForNotifications, notificationPermission, setSound, wantsSound } from "../attention.js";
import { busy, h, setText, show } from "../dom.js";
import { t } from "../i18n.js";

export function alerts() {
  const sound = h("input", { type: "checkbox", onchange: () => setSound(sound.checked) });
  const ask = h(
    "button.quiet",
    { type: "button", onclick: () => busy(ask, () => askForNotifications().then(part.update)) },
    t("alerts.ask"),
  );
  const state = h("span.quiet");
  const part = {
    element: h("div.alerts", { role: "group", "aria-label": t("alerts.label") }, h("label.check-line", {}, sound, t("alerts.sound")), ask, state),

    update() {
      const permission = notificationPermission();
      sound.checked = wantsSound();
      show(ask, permission === "default");
      show(state, ["granted", "denied"].includes(permission));
      if (!state.hidden) setText(state, t(`alerts.${permission}`));
    },
  };
  return part;
}
