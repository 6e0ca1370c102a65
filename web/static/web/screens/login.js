/** Signing in: by the identity provider's page, or by a name if the server allows that for development. */

import { ApiError } from "../api.js";
import { busy, h, show } from "../dom.js";
import { t } from "../i18n.js";
import { limited } from "../limits.js";
import { onSubmit, refuse, showRefusal } from "../refusal.js";
import { sayFailure } from "../toast.js";

/** @param {() => void} signedIn is called once somebody is signed in. */
export function loginScreen(signedIn) {
  let provider = null;

  const enter = h("button.act.big", { type: "button", onclick: () => busy(enter, () => provider.signIn().catch(sayFailure)) }, t("login.go"));
  const name = h("input", { id: "login-name", name: "name", required: "", autocomplete: "username" });
  const button = h("button.act.big", { type: "submit" }, t("login.demo"));
  const form = h(
    "form",
    {},
    h("label", { for: "login-name" }, t("login.name")),
    name,
    h("p.quiet", {}, t("login.hint")),
    button,
  );
  onSubmit(form, button, enterByName);
  const closed = h("p.lead", {}, t("login.closed"));

  async function enterByName() {
    try {
      const { signIn } = await limited(import("../demo.js"));
      await signIn(name.value.trim());
      signedIn();
    } catch (error) {
      if (error instanceof ApiError) showRefusal(form, error);
      else refuse(form, null, t("error.network"));
    }
  }

  const rules = h("a", { href: "#rules" }, t("page.rules"));

  return {
    element: h("section.card.login", {}, h("h2", {}, t("login.question")), h("p.lead", {}, t("login.about")), enter, form, closed, h("p.quiet", {}, rules)),

    /** Offer to sign in with the identity provider. */
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
