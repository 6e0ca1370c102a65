/** The form in which players change what they say about themselves. */

import { saveDiscord, saveProfile } from "../actions.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { onSubmit, showRefusal } from "../refusal.js";
import { ROLES, markChosen, roleIcon, roleName, toggled } from "../roles.js";
import { answer } from "../toast.js";
import { orderStrip } from "./order.js";

function rolePicker(changed) {
  let chosen = [];
  const set = (roles) => {
    chosen = roles;
    for (const { role, button, order } of buttons) markChosen(button, order, chosen, role);
    strip.update(chosen);
  };
  const choose = (roles) => {
    changed();
    set(roles);
  };
  const buttons = ROLES.map((role) => {
    const order = h("span.order.figures");
    const click = () => choose(toggled(chosen, role));
    const button = h("button.role-choice", { type: "button", onclick: click }, roleIcon(role), h("span", {}, roleName(role)), order);
    return { role, button, order };
  });
  const strip = orderStrip(choose);
  return {
    element: h("fieldset", { name: "preferred_roles" }, h("legend", {}, t("profile.roles")), h("div.role-choices", {}, ...buttons.map(({ button }) => button)), strip.element),
    get: () => chosen,
    set,
  };
}

export function profileForm() {
  let edits = 0; // that are not saved; while there are any, what arrives does not overwrite what is being typed
  let account = null;
  const edit = () => {
    edits += 1;
  };

  const name = h("input", { id: "trainer-name", name: "trainer_name", required: "", oninput: edit });
  const bio = h("textarea", { id: "bio", name: "bio", rows: "3", oninput: edit });
  const twitter = h("input", { id: "twitter", name: "twitter_id", autocomplete: "off", oninput: edit });
  const discord = h("input", { id: "discord", name: "discord_username", autocomplete: "off", oninput: edit });
  const roles = rolePicker(edit);
  const button = h("button.act", { type: "submit" }, t("profile.save"));

  async function save() {
    const sent = edits;
    const fields = { trainer_name: name.value, bio: bio.value, twitter_id: twitter.value, preferred_roles: roles.get() };
    const refused = (error) => showRefusal(form, error);
    if (!(await saveProfile(fields, refused))) return;
    const changed = discord.value !== (account.discord_username ?? "");
    const rest = { discord_username: discord.value, discord_avatar_url: account.discord_avatar_url ?? "" };
    if (changed && !(await saveDiscord(rest, refused))) return;
    if (edits === sent) edits = 0; // unless the player has typed more meanwhile
    answer(button, t("profile.saved"));
  }

  const form = h(
    "form",
    {},
    h("label", { for: "trainer-name" }, t("profile.name")), name,
    h("label", { for: "bio" }, t("profile.bio")), bio,
    roles.element,
    h("label", { for: "twitter" }, t("profile.twitter")), twitter,
    h("label", { for: "discord" }, t("profile.discord")), discord,
    h("p.quiet", {}, t("profile.discord_hint")),
    button,
  );
  onSubmit(form, button, save);

  return {
    element: form,

    update(me) {
      account = me;
      if (edits > 0) return;
      name.value = me.trainer_name;
      bio.value = me.bio ?? "";
      twitter.value = me.twitter_id ?? "";
      discord.value = me.discord_username ?? "";
      roles.set(me.preferred_roles ?? []);
    },
  };
}
