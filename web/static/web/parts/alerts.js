/** How the player is told that a match was found: by a sound, by a notification of the system; and what of it works here. */

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
    // What is said stands below, each on a line of its own: the first touch takes a line away, and must hit what it meant.
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
