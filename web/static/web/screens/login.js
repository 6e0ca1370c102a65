/** The way in: the identity provider's page, or a name where the development login is on. */

import { ApiError } from "../api.js";
import { busy, h, setText, show } from "../dom.js";
import { t } from "../i18n.js";

/** @param {() => void} signedIn is called once somebody is signed in. */
export function loginScreen(signedIn) {
  let provider = null;

  const enter = h("button.act.big", { type: "button", onclick: () => busy(enter, () => provider.signIn()) }, t("login.go"));
  const name = h("input", { id: "login-name", name: "name", required: "", maxlength: "50", autocomplete: "username" });
  const button = h("button.act.big", { type: "submit" }, t("login.demo"));
  const problem = h("p.problem", { role: "alert", hidden: true });
  const form = h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        busy(button, enterByName);
      },
    },
    h("label", { for: "login-name" }, t("login.name")),
    name,
    h("p.quiet", {}, t("login.hint")),
    button,
    problem,
  );
  const closed = h("p.lead", {}, t("login.closed"));

  async function enterByName() {
    show(problem, false);
    try {
      const { signIn } = await import("../demo.js");
      await signIn(name.value.trim());
      signedIn();
    } catch (error) {
      setText(problem, error instanceof ApiError ? error.words : t("error.network"));
      show(problem, true);
    }
  }

  const rules = h("a", { href: "#rules" }, t("page.rules"));

  return {
    element: h("section.card.login", {}, h("h2", {}, t("login.question")), h("p.lead", {}, t("login.about")), enter, form, closed, h("p.quiet", {}, rules)),

    /** Offer the identity provider's login. */
    offer(identityProvider) {
      provider = identityProvider;
    },

    update({ system }) {
      show(enter, provider !== null);
      show(form, system.dev_login);
      button.classList.toggle("act", provider === null);
      show(closed, !system.dev_login && provider === null);
    },
  };
}
