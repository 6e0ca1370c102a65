/** What is stored about the player: to download, or to delete. To confirm that, the player types their name. */

import { deleteAccount, downloadData } from "../actions.js";
import { busy, h } from "../dom.js";
import { t } from "../i18n.js";
import { onSubmit, showRefusal } from "../refusal.js";
import { store } from "../store.js";

/** The sheet that asks whether to delete the account. It is made anew for each question. @returns {HTMLDialogElement} */
function askFarewell(deleted) {
  const typed = h("input", { id: "farewell", name: "trainer_name", required: "", autocomplete: "off" });
  const send = h("button.act", { type: "submit" }, t("data.delete"));
  const cancel = h("button", { type: "button", onclick: () => sheet.close() }, t("data.keep"));

  async function submit() {
    if (!(await deleteAccount(typed.value, (error) => showRefusal(form, error)))) return;
    sheet.close();
    deleted();
  }

  const form = h(
    "form.farewell",
    {},
    h("p", {}, t("data.gone")),
    h("p", {}, t("data.stays")),
    h("label", { for: "farewell" }, t("data.name"), " ", h("bdi", {}, store.state.me.trainer_name)),
    typed,
    h("div.sheet-actions", {}, cancel, send),
  );
  onSubmit(form, send, submit);
  const sheet = h("dialog.sheet", { "aria-labelledby": "farewell-title" }, h("h2", { id: "farewell-title" }, t("data.question")), form);
  sheet.addEventListener("click", (event) => {
    if (event.target === sheet) sheet.close(); // a click beside the sheet
  });
  sheet.addEventListener("close", () => sheet.remove());
  document.body.append(sheet);
  sheet.showModal();
  return sheet;
}

/** @param {() => void} deleted called when the account has been deleted. */
export function ownData(deleted) {
  const download = h("button", { type: "button", onclick: () => busy(download, downloadData) }, t("data.download"));
  let sheet = null;
  const ask = () => {
    sheet = askFarewell(deleted);
  };
  const remove = h("button", { type: "button", onclick: ask }, t("data.delete"));
  return {
    element: h("div.own-data", {}, h("p.quiet", {}, t("data.hint")), h("div.row", {}, download, remove)),

    /** Close the sheet, since the page is left, as when a match is found or the player has signed out. */
    close: () => sheet?.close(),
  };
}
