/** The page: signs in, and shows the screen that answers the player's present question. */

import { ApiError, serverNow } from "./api.js";
import { setIcon } from "./attention.js";
import { connect, isConnected, leave, loadSystem, retry, tick } from "./connection.js";
import { h, setData, setText, show } from "./dom.js";
import { formatClock, t } from "./i18n.js";
import { limited } from "./limits.js";
import { houseNotice } from "./parts/house.js";
import { playerNotice } from "./parts/notice.js";
import { releaseNotice, reloadButton } from "./parts/release.js";
import { connectionStatus } from "./parts/status.js";
import { summary } from "./parts/summary.js";
import { loginScreen } from "./screens/login.js";
import { matchScreen } from "./screens/match.js";
import { queueScreen } from "./screens/queue.js";
import { isOpen } from "./session.js";
import { isCalling, shownMatch, store } from "./store.js";
import { hush, say } from "./toast.js";

const RETRY = 3000; // milliseconds before the page asks again, if the server has not answered

/** The pages beside the game. Each is fetched when it is first opened. */
const PAGES = {
  me: async () => (await import("./screens/profile.js")).profileScreen(departing, deleted),
  ranking: async () => (await import("./screens/ranking.js")).rankingScreen(),
  player: async () => (await import("./screens/player.js")).playerScreen(),
  rules: async () => (await import("./screens/rules.js")).rulesScreen(),
  operations: async () => (await import("./screens/operations.js")).operationsScreen(),
};

const main = document.getElementById("main");
const announcement = document.getElementById("announcement");
const play = document.getElementById("play");
const side = document.getElementById("side");
const loading = h("section.card.loading", { role: "status" }, h("p.lead", {}, t("loading")));
const status = connectionStatus(retry);
const house = houseNotice();
const release = releaseNotice();
const told = playerNotice();
const login = loginScreen(connect);
const queue = queueScreen();
const match = matchScreen();
const opened = { play: summary() }; // the screens of the second column so far
let provider = null; // the identity provider; null without one
let current = null; // the screen in the main column
let beside = null; // the screen in the second one

function departing() {
  leave();
  provider?.signOut();
}

function deleted() {
  departing();
  say("done", t("data.deleted"));
}

// --- what is shown ------------------------------------------------------------------------------

function mainScreen(state) {
  if (!isConnected()) return login;
  if (!state.me || !state.queue) return { element: loading };
  return shownMatch(state) ? match : queue;
}

/** The state of play in words, for screen readers and the window's title. */
function standing(state) {
  const shown = current === match ? shownMatch(state) : null;
  if (shown) return t(shown.players[state.me.user_id]?.reported && shown.status !== "done" ? "phase.reported" : `phase.${shown.phase}`);
  return current === queue && state.me.queue ? t("queue.searching") : "";
}

/** The clock before these words: the time that is left, or the time that the player has waited. */
function clock(state) {
  const shown = current === match ? shownMatch(state) : null;
  if (isCalling(shown, state.me)) return shown.deadline ? formatClock((Date.parse(shown.deadline) - serverNow()) / 1000) : "";
  if (current !== queue || !state.me.queue) return "";
  return formatClock((serverNow() - Date.parse(state.me.queue.queued_at)) / 1000);
}

function drawTitle(state) {
  const calling = current === match && isCalling(shownMatch(state), state.me);
  const words = [calling ? "●" : "", clock(state), standing(state)].filter(Boolean).join(" ");
  const page = state.view === "play" ? "" : t(`page.${state.view}`);
  document.title = [words, page, "Unitemate"].filter(Boolean).join(" – ");
  setIcon(calling);
}

function drawMain(state) {
  const screen = mainScreen(state);
  if (screen.element !== current?.element) {
    const hadFocus = play.contains(document.activeElement);
    current?.close?.();
    play.replaceChildren(screen.element);
    if (hadFocus) main.focus({ preventScroll: true });
    if (screen === match) window.scrollTo(0, 0);
  }
  current = screen;
  screen.update?.(state);
}

function drawSide(state) {
  const screen = opened[state.view];
  if (screen === undefined) {
    open(state.view);
    return;
  }
  if (screen !== beside) {
    turnSide(screen);
    screen.open?.(state);
  }
  screen.update?.(state);
}

function turnSide(screen) {
  beside?.close?.();
  beside = screen;
  side.replaceChildren(...(screen ? [screen.element] : []));
}

/** Fetch a page. It cannot be had without the server, nor may a newer release have it. The player is then told what helps. */
async function open(name) {
  opened[name] = { element: h("section.card", {}, h("p.quiet", { role: "status" }, t("loading"))) };
  try {
    opened[name] = await limited(PAGES[name]());
  } catch {
    const answers = await loadSystem().then(() => true, () => false);
    const again = answers ? reloadButton() : h("button", { type: "button", onclick: () => open(name) }, t("page.again"));
    opened[name] = { element: h("section.card", {}, h("p.problem", {}, t(answers ? "release.failed" : "error.network")), again) };
  }
  draw(store.state);
}

/** Draw. If the element with the keyboard's focus disappears, the focus goes to its column. */
function draw(state) {
  const focused = document.activeElement;
  drawAll(state);
  const column = [main, side].find((each) => each.contains(focused));
  if (column && focused.getClientRects().length === 0) column.focus({ preventScroll: true });
}

function drawAll(state) {
  drawMain(state);
  const known = isConnected() && state.me !== null;
  const isStaff = known && Boolean(state.me.is_staff);
  if (state.view === "operations" && known && !isStaff) {
    history.replaceState(null, "", "#play");
    route();
    return;
  }
  document.body.dataset.view = known || state.view === "rules" ? state.view : "play";
  document.body.dataset.known = String(known);
  setData(document.body, "calling", isCalling(shownMatch(state), state.me) ? "" : null);
  if (known || state.view === "rules") drawSide(state);
  else if (beside) turnSide(null);
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${state.view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  show(document.querySelector("nav a[href='#operations']"), isStaff);
  side.setAttribute("aria-label", t(state.view === "play" ? "page.me" : `page.${state.view}`));
  house.update(state);
  release.update(state);
  told.update(state);
  show(status.element, isConnected());
  if (isConnected()) status.update(state);
  else show(status.banner, false);
  setText(announcement, standing(state));
  drawTitle(state);
}

function route() {
  const [wanted, subject = null] = location.hash.slice(1).split("/");
  const view = Object.hasOwn(PAGES, wanted) ? wanted : "play";
  store.set({ view, subject: view === "player" ? subject : null });
}

/** Show another page, and lead the reader there, as a screen reader needs. */
function turned() {
  hush();
  current?.close?.();
  route();
  window.scrollTo(0, 0);
  (store.state.view === "play" ? main : side).focus({ preventScroll: true });
}

// --- the beginning ------------------------------------------------------------------------------

/** Sign in as the player of before, or as the demo player that the address names. */
async function restore({ dev_login: devLogin, auth0 }) {
  const demo = new URLSearchParams(location.search).get("dev");
  if (devLogin) {
    const { resume, signIn } = await limited(import("./demo.js"));
    if (resume() !== demo && demo) await signIn(demo);
  }
  if (isOpen() || !auth0?.client_id) return;
  provider = (await limited(import("./auth0.js"))).identityProvider(auth0);
  login.offer(provider);
  await provider.arrive();
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
  let failure = null;
  try {
    await restore(system);
  } catch (error) {
    failure = error instanceof ApiError ? error.words : t("error.failed");
  }
  if (isOpen()) connect();
  store.subscribe(draw);
  route();
  if (failure) say("error", failure);
}

document.getElementById("status").append(status.element);
document.getElementById("banner").append(status.banner);
document.getElementById("house").append(house.element, release.element);
document.getElementById("notice").append(told.element);
for (const form of document.querySelectorAll("footer form")) {
  // After a change of language the player returns to the same page.
  form.addEventListener("submit", () => form.setAttribute("action", form.getAttribute("action").split("#")[0] + location.hash));
}
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // a jump within the page would change the fragment, which names what is shown
  main.focus();
});
play.replaceChildren(loading);
addEventListener("hashchange", turned);
setInterval(() => {
  tick();
  house.tick(store.state);
  beside?.tick?.(store.state);
  if (!current) return;
  current.tick?.(store.state);
  drawTitle(store.state);
}, 1000);
begin();
