/** The lobby of a match: its number, its host, and the time that is left. */

import { copy, makeHost, setLobby } from "../actions.js";
import { serverNow } from "../api.js";
import { h, setText, show } from "../dom.js";
import { formatClock, t } from "../i18n.js";
import { lobbyNumber } from "../lobby-number.js";
import { clear, onSubmit, refuse, showRefusal } from "../refusal.js";
import { answer } from "../toast.js";
import { askingButton } from "./asking.js";

export function lobby() {
  let match = null;
  let me = null;

  const number = h("output.display.figures.clip", { "aria-live": "polite", dir: "auto" });
  const copyButton = h("button.copy", { type: "button", onclick: () => copy(match.lobby_id, copyButton) }, t("match.copy"));
  const known = h("div.lobby-id", {}, number, copyButton);

  const input = h("input.figures", {
    id: "lobby-id", name: "lobby_id", inputmode: "numeric", autocomplete: "off", required: "",
    placeholder: "00000000", "aria-describedby": "lobby-hint",
  });
  const setButton = h("button.act", { type: "submit" }, t("match.lobby_set"));
  const form = h(
    "form.lobby-form",
    {},
    h("label", { for: "lobby-id" }, t("match.lobby_label")),
    h("div.row", {}, input, setButton),
    h("p.quiet", { id: "lobby-hint" }, t("match.lobby_hint")),
  );

  onSubmit(form, setButton, setNumber);

  async function setNumber() {
    const digits = lobbyNumber(input.value);
    if (digits === null) {
      refuse(form, "lobby_id", t("error.at.lobby_id.invalid"));
      return;
    }
    input.value = digits;
    if (!(await setLobby(match.match_id, digits, (error) => showRefusal(form, error)))) return;
    correcting.open = false;
    answer(setButton, t("match.lobby_sent"));
  }

  const formPlace = h("div");
  const correcting = h("details", {}, h("summary", {}, t("match.lobby_correct")));
  const remaining = h("span.figures");
  const present = h("span.figures");
  const countdown = h("p.countdown", {}, remaining, present);
  const taking = { act: t("match.take_over"), question: t("match.take_over_question"), yes: t("match.take_over"), no: t("match.take_over_cancel") };
  const takeOver = askingButton(taking, () => makeHost(match.match_id, me));
  const takeOverPlace = h("div.take-over", {}, takeOver.button, takeOver.question);
  const waiting = h("p.lead");

  const isLate = () => match.phase === "lobby" && Date.parse(match.deadline) <= serverNow();

  const part = {
    element: h("div.lobby", {}, waiting, known, formPlace, countdown, takeOverPlace, correcting),

    update(newMatch, newMe) {
      if (match?.match_id !== newMatch.match_id) {
        input.value = "";
        correcting.open = false;
        takeOver.close();
        clear(form);
      }
      [match, me] = [newMatch, newMe];
      const isHost = match.host_user_id === me;
      setText(waiting, t(isHost ? "match.make_lobby" : "match.await_lobby"));
      show(waiting, !match.lobby_id);
      show(known, Boolean(match.lobby_id));
      setText(number, match.lobby_id ?? "");
      copyButton.className = match.phase === "joining" ? "copy act big" : "copy"; // entering the lobby is the next step then
      // A wrong number can be corrected. That is rare, so it is folded away.
      const place = match.lobby_id ? correcting : formPlace;
      if (form.parentElement !== place) place.append(form);
      show(formPlace, isHost && !match.lobby_id);
      show(correcting, isHost && Boolean(match.lobby_id));
      const here = Object.values(match.players).filter((player) => player.online).length;
      setText(present, t("match.present", { n: here }));
      part.tick();
    },

    /** Draw what depends on the time. To be called every second. */
    tick() {
      const host = match.players[match.host_user_id];
      const mayTake = match.host_user_id !== me && match.phase === "lobby" && (!host?.online || isLate());
      show(takeOverPlace, mayTake);
      if (!mayTake) takeOver.close();
      const left = match.deadline ? (Date.parse(match.deadline) - serverNow()) / 1000 : null;
      show(countdown, left !== null && match.phase !== "playing");
      if (left !== null) setText(remaining, left > 0 ? t("match.left", { time: formatClock(left) }) : t("match.late"));
    },
  };
  return part;
}
