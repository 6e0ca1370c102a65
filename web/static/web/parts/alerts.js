/** The ways in which the player is called to a match, sound and notification, and whether they work on this device. */

import { notificationState, setSound, soundState, tryNotifications, wantsSound } from "../attention.js";
import { busy, h, setText, show } from "../dom.js";
import { t } from "../i18n.js";

export function alerts() {
  const sound = h("input", { type: "checkbox", onchange: () => setSound(sound.checked) });
  const heard = h("p.quiet");
  const ask = h("button.quiet", { type: "button", onclick: () => busy(ask, attempt) });
  const shown = h("p.quiet");

  const attempt = () => tryNotifications({ title: t("alerts.trial_title"), body: t("alerts.trial_body") });

  return {
    // The messages stand below the controls: the first touch removes one, and must not move what it was aimed at.
    element: h("div.alerts", { role: "group", "aria-label": t("alerts.label") }, h("label.check-line", {}, sound, t("alerts.sound")), ask, heard, shown),

    update() {
      const [hears, sees] = [soundState(), notificationState()];
      sound.checked = wantsSound();
      show(heard, ["blocked", "none"].includes(hears));
      if (!heard.hidden) setText(heard, t(`alerts.sound_${hears}`));
      show(ask, ["default", "untried"].includes(sees));
      if (!ask.hidden) setText(ask, t(sees === "default" ? "alerts.ask" : "alerts.try"));
      show(shown, sees !== "default");
      if (!shown.hidden) setText(shown, t(`alerts.notifications_${sees}`));
    },
  };
}
