/** The way in: a name, where the development login is on; otherwise how things stand. */

import { ApiError } from "../api.js";
import { busy, h, setText, show } from "../dom.js";
import { t } from "../i18n.js";
import { signIn } from "../session.js";

/** @param {() => void} signedIn is called once somebody is signed in. */
export function loginScreen(signedIn) {
  const name = h("input", { id: "login-name", name: "name", required: "", maxlength: "50", autocomplete: "username" });
  const button = h("button.act.big", { type: "submit" }, t("login.go"));
  const problem = h("p.problem", { role: "alert", hidden: true });
  const form = h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        busy(button, enter);
      },
    },
    h("label", { for: "login-name" }, t("login.name")),
    name,
    h("p.quiet", {}, t("login.hint")),
    button,
    problem,
  );
  const closed = h("p.lead", {}, t("login.closed"));

  async function enter() {
    show(problem, false);
    try {
      await signIn(name.value.trim());
      signedIn();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setText(problem, error.words);
      show(problem, true);
    }
  }

  return {
    element: h("section.card.login", {}, h("h2", {}, t("login.question")), h("p.lead", {}, t("login.about")), form, closed),

    update({ system }) {
      show(form, system.dev_login);
      show(closed, !system.dev_login);
    },
  };
}
