/** The page: signs in, keeps the mirrors, and shows the screen that answers the player's present question. */

import { request } from "./api.js";
import { CLOSE, RealtimeClient } from "./client.js";
import { h, setText, show } from "./dom.js";
import { t } from "./i18n.js";
import { connectionStatus } from "./parts/status.js";
import { loginScreen } from "./screens/login.js";
import { matchScreen } from "./screens/match.js";
import { profileScreen } from "./screens/profile.js";
import { queueScreen } from "./screens/queue.js";
import { rankingScreen } from "./screens/ranking.js";
import { call, signIn, signOut, signedInAs, token } from "./session.js";
import { shownMatch, store } from "./store.js";

const VIEWS = ["play", "me", "ranking"];
const RETRY = 3000; // milliseconds before asking a server again that did not answer at all

let client = null;

const main = document.getElementById("main");
const announcement = document.getElementById("announcement");
const play = document.getElementById("play");
const side = document.getElementById("side");
const notice = document.getElementById("notice");
const loading = h("section.card.loading", { role: "status" }, h("p.lead", {}, t("loading")));
const status = connectionStatus(() => client.start());
const login = loginScreen(connect);
const queue = queueScreen();
const match = matchScreen();
const profile = profileScreen(leave);
const ranking = rankingScreen();
let current = null; // the screen in the main column

const loadSystem = () => request("GET", "/system");

// --- the connection -----------------------------------------------------------------------------

function connect() {
  store.set({ connection: "reconnecting", refused: null });
  client = new RealtimeClient({ loadSystem, token, fetchJson: (path) => call("GET", path) });
  client.addEventListener("state", ({ detail }) => {
    store.set({ connection: detail.state, refused: detail.state === "offline" ? store.state.refused : null });
  });
  client.addEventListener("change", ({ detail }) => mirror(detail.stream, detail.data));
  client.addEventListener("match_found", ({ detail }) => found(detail.data));
  client.addEventListener("refused", ({ detail }) => refused(detail.code));
  client.start();
}

function mirror(stream, data) {
  if (!data) return; // the stream has ended; what the page shows of it stays
  if (stream === "queue") store.set({ queue: data });
  else if (stream.startsWith("user_")) me(data);
  else store.set({ matches: { ...store.state.matches, [data.match_id]: data } });
}

function me(data) {
  const { chosen } = store.state;
  // The roles named last time, else the ones that the player prefers.
  const named = data.queue?.selected_roles ?? (chosen.length > 0 ? chosen : remembered() ?? data.preferred_roles ?? []);
  store.set({ me: data, chosen: named });
}

function remembered() {
  return JSON.parse(localStorage.getItem("unitemate.roles") ?? "null");
}

/** How many matches are kept, so that a later correction arrives. Giving one up costs a frame; an evening has fewer. */
const MATCHES_KEPT = 20;

/** A new match takes the place of whatever the player is looking at. */
function found(data) {
  const { [data.match_id]: _, ...earlier } = store.state.matches;
  const ids = Object.keys(earlier);
  for (const matchId of ids.slice(0, Math.max(0, ids.length + 1 - MATCHES_KEPT))) {
    client.forgetMatch(matchId);
    delete earlier[matchId];
  }
  store.set({ matches: { ...earlier, [data.match_id]: data }, notice: null });
  location.hash = "";
}

function refused(code) {
  if (code !== CLOSE.UNAUTHENTICATED) {
    store.set({ refused: code });
    return;
  }
  leave();
  store.set({ notice: { kind: "error", text: t("connection.refused.4401") } });
}

function leave() {
  client.stop();
  client = null;
  signOut();
  history.replaceState(null, "", location.pathname);
  store.set({ me: null, queue: null, matches: {}, chosen: [], notice: null, view: "play" });
}

// --- the page -----------------------------------------------------------------------------------

function mainScreen(state) {
  if (client === null) return login;
  if (!state.me || !state.queue) return { element: loading };
  return shownMatch(state) ? match : queue;
}

/** How things stand, for the window's title and for those who hear the page. */
function standing(state) {
  if (current === match) return t(`phase.${shownMatch(state).phase}`);
  return current === queue && state.me.queue ? t("queue.searching") : "";
}

function draw(state) {
  const screen = mainScreen(state);
  if (screen.element !== current?.element) {
    const hadFocus = play.contains(document.activeElement);
    play.replaceChildren(screen.element);
    if (hadFocus) main.focus({ preventScroll: true });
    if (screen === match) window.scrollTo(0, 0);
  }
  current = screen;
  screen.update?.(state);
  const known = client !== null && state.me !== null;
  if (known) profile.update(state);
  document.body.dataset.view = known ? state.view : "play";
  document.body.dataset.known = String(known);
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${state.view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const second = state.view === "ranking" ? ranking : profile;
  if (known && second.element.parentNode !== side) {
    side.replaceChildren(second.element);
    second.open?.(state);
  }
  if (!known) side.replaceChildren();
  show(status.element, client !== null);
  if (client !== null) status.update(state);
  else show(status.banner, false);
  show(notice, state.notice !== null);
  setText(notice, state.notice?.text ?? "");
  notice.dataset.kind = state.notice?.kind ?? "";
  setText(announcement, standing(state));
  document.title = [standing(state), "Unitemate"].filter(Boolean).join(" – ");
}

function view() {
  const wanted = location.hash.slice(1);
  store.set({ view: VIEWS.includes(wanted) ? wanted : "play", notice: null });
}

async function begin() {
  let system;
  try {
    system = await loadSystem();
  } catch {
    setText(loading.firstChild, t("error.network"));
    setTimeout(begin, RETRY);
    return;
  }
  const demo = new URLSearchParams(location.search).get("dev");
  if (demo && system.dev_login && signedInAs() !== demo) {
    try {
      await signIn(demo);
    } catch (error) {
      store.set({ notice: { kind: "error", text: error.words ?? t("error.failed") } });
    }
  }
  store.set({ system });
  if (signedInAs() !== null) connect();
  store.subscribe(draw);
  view();
}

document.getElementById("status").append(status.element);
document.getElementById("banner").append(status.banner);
play.replaceChildren(loading);
addEventListener("hashchange", view);
addEventListener("online", () => client?.hurry());
setInterval(() => current?.tick?.(store.state), 1000);
begin();
