/** The player's connection: fills the store from the mirrors, for as long as somebody is signed in. */

import { request } from "./api.js";
import { announce } from "./attention.js";
import { RealtimeClient } from "./client.js";
import { t } from "./i18n.js";
import { CLOSE } from "./link.js";
import { rememberRoles, rememberedRoles, roleName } from "./roles.js";
import { call, signOut, token } from "./session.js";
import { isCalling, store } from "./store.js";
import { hush, say } from "./toast.js";

/** How many matches are kept, so that a later correction arrives. Giving one up costs a frame; an evening has fewer. */
const MATCHES_KEPT = 20;
const ASLEEP = 15_000; // milliseconds between two ticks of a second that show that the device has slept

const met = new Set(); // the matches to which the player has been led

let asking = false;
let client = null;
let lastTick = Date.now();

export const loadSystem = () => request("GET", "/system");

export const isConnected = () => client !== null;

export function connect() {
  store.set({ connection: "reconnecting", refused: null });
  client = new RealtimeClient({ loadSystem, token, fetchJson: (path) => call("GET", path) });
  client.addEventListener("state", ({ detail }) => {
    store.set({ connection: detail.state, refused: detail.state === "offline" ? store.state.refused : null });
  });
  client.addEventListener("change", ({ detail }) => mirror(detail.stream, detail.data));
  client.addEventListener("match_found", ({ detail }) => found(detail.data));
  client.addEventListener("ended", ({ detail }) => ended(detail.stream));
  client.addEventListener("refused", ({ detail }) => refused(detail.code));
  client.start();
}

/** Connect again after the server has shut the client out. */
export const retry = () => client.start();

/** Read at once what no socket carries: the player has done something. */
export const pollNow = () => client?.pollNow();

/** Have a stream mirrored that not every player has, until `forget`. */
export const watch = (stream) => client?.subscribe(stream);

export function forget(stream) {
  client?.unsubscribe(stream);
  store.set({ [stream]: null });
}

/** Sign out, and show nothing of the player any more. */
export function leave() {
  client.stop();
  client = null;
  signOut();
  history.replaceState(null, "", location.pathname);
  hush();
  store.set({ me: null, queue: null, operations: null, matches: {}, chosen: [], view: "play", subject: null });
}

function mirror(stream, data) {
  if (!data) return; // the stream has ended; what the page shows of it stays
  if (stream === "queue") {
    store.set({ queue: data });
    keepUp(data.house_version);
  }
  else if (stream.startsWith("user_")) me(data);
  else if (stream === "operations") store.set({ operations: data });
  else store.set({ matches: { ...store.state.matches, [data.match_id]: data } });
}

/** A match that goes on without the player, who has lost the seat, is not theirs to see; one that is done stays. */
function ended(stream) {
  if (stream === "operations") store.set({ operations: null });
  const { [stream.replace("match_", "")]: match, ...others } = store.state.matches;
  if (match && match.status !== "done") store.set({ matches: others });
}

/** Ask again what a client needs to know, once the organisers have changed some of it. */
async function keepUp(version) {
  if (asking || version === undefined || version === store.state.system.house_version) return;
  asking = true;
  try {
    store.set({ system: await loadSystem() });
  } catch {
    // The next change of the queue asks again.
  } finally {
    asking = false;
  }
}

function me(data) {
  const { chosen } = store.state;
  if (data.queue) rememberRoles(data.queue.selected_roles);
  // The roles named last time, else the ones that the player prefers.
  const named = data.queue?.selected_roles ?? (chosen.length > 0 ? chosen : rememberedRoles() ?? data.preferred_roles ?? []);
  store.set({ me: data, chosen: named });
}

/** A new match takes the place of whatever the player is looking at. */
function found(data) {
  const { [data.match_id]: _, ...earlier } = store.state.matches;
  const ids = Object.keys(earlier);
  for (const matchId of ids.slice(0, Math.max(0, ids.length + 1 - MATCHES_KEPT))) {
    client.unsubscribe(`match_${matchId}`);
    delete earlier[matchId];
  }
  store.set({ matches: { ...earlier, [data.match_id]: data } });
  const { me: player } = store.state;
  if (met.has(data.match_id) || !isCalling(data, player)) return;
  met.add(data.match_id);
  hush();
  if (location.hash !== "") location.hash = "";
  const seat = data.players[player?.user_id];
  announce(data.match_id, { title: t("phase.lobby"), body: seat ? `${roleName(seat.role)} · ${t(`team.${seat.team}`)}` : "" });
}

function refused(code) {
  if (code !== CLOSE.UNAUTHENTICATED) {
    store.set({ refused: code });
    return;
  }
  leave();
  say("error", t("connection.refused.4401"));
}

/** To be called every second: a second that took much longer was a sleep, after which the link is looked at. */
export function tick() {
  const now = Date.now();
  if (now - lastTick > ASLEEP) client?.hurry();
  lastTick = now;
}

addEventListener("online", () => client?.hurry());
addEventListener("offline", () => client?.lose());
addEventListener("pageshow", () => client?.hurry());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") client?.hurry();
});
