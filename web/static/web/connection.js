/** The player's connection. While a player is signed in, it copies the client's mirrors into the store. */

import { ApiError, request, serverNow } from "./api.js";
import { announce, wasAnnounced } from "./attention.js";
import { RealtimeClient } from "./client.js";
import { t } from "./i18n.js";
import { CLOSE } from "./link.js";
import { knownRoles, rememberRoles, rememberedRoles, roleName } from "./roles.js";
import { call, signOut, token } from "./session.js";
import { hasOpenSeat, store } from "./store.js";
import { areSeveral, emptyFields, StreamTypes } from "./streams.js";
import { onLeft, tellLeft } from "./tabs.js";
import { hush, say } from "./toast.js";

/** How many matches are kept, so that later corrections of them arrive. An evening has fewer. */
const MATCHES_KEPT = 20;
const ASLEEP = 15_000; // milliseconds from one tick to the next, after which the device must have slept
const SET = 2000; // milliseconds by which the clock must differ from the time that has passed, to have been set

const RELEASE = document.querySelector("meta[name=release]")?.content; // of the page

const streamTypes = new StreamTypes();

let asking = false;
let client = null;
let earlier; // the id of the match that the player was in when the page was opened
let lastTick = [Date.now(), performance.now()];

/** Read `/api/system`, and note whether the server has another release than the page. */
export async function loadSystem() {
  const system = await request("GET", "/system");
  if (!Array.isArray(system?.streams)) throw new ApiError(0, "network", "not an answer of this API");
  const release = system.versions?.release;
  store.set({ system, outdated: Boolean(RELEASE && release && release !== RELEASE) });
  return system;
}

export const isConnected = () => client !== null;

export function connect() {
  store.set({ connection: "reconnecting", refused: null });
  earlier = undefined;
  client = new RealtimeClient({ loadSystem, token, fetchJson: (path) => call("GET", path), serverNow });
  client.addEventListener("state", ({ detail }) => store.set({ connection: detail.state, refused: detail.refused }));
  client.addEventListener("change", ({ detail }) => mirror(detail.stream, detail.data));
  client.addEventListener("match_found", ({ detail }) => found(detail.data));
  client.addEventListener("ended", ({ detail }) => remove(detail.stream));
  client.addEventListener("refused", ({ detail }) => {
    if (detail.code !== CLOSE.UNAUTHENTICATED) return; // the event `state` has told it
    quit();
    say("error", t("connection.refused.4401"));
  });
  client.start();
}

/** Connect again now, even if the server has shut the client out. */
export const retry = () => client.start();

/** Poll now, since the player has done something. */
export const pollNow = () => client?.pollNow();

/** Subscribe to a stream that not every player has, until `forget`. */
export const watch = (stream) => client?.subscribe(stream);

export function forget(stream) {
  client?.unsubscribe(stream);
  remove(stream);
}

/** Sign out, here and in the player's other tabs. */
export function leave() {
  tellLeft(store.state.me?.user_id ?? null);
  quit();
}

onLeft((userId) => {
  const own = store.state.me?.user_id;
  if (client === null || (own && userId && own !== userId)) return;
  quit();
  say("done", t("login.elsewhere"));
});

/** Stop the client, and remove everything of the player's from the page. */
function quit() {
  client.stop();
  client = null;
  signOut();
  history.replaceState(null, "", location.pathname);
  hush();
  store.set({ ...emptyFields(), chosen: [], view: "play", subject: null });
}

function mirror(stream, data) {
  if (!data) return; // the stream has ended, but the page goes on showing what it said last
  const { type, key } = streamTypes.parse(stream);
  const { [type.storeField]: stored } = store.state;
  store.set({ [type.storeField]: areSeveral(type) ? { ...stored, [key]: data } : data });
  if (stream === "queue") keepUp(data.house_version);
  else if (type.audience === "owner") readAccount(data);
}

/**
 * Remove a stream from the store that the player does not have any more, such as a match in which somebody else has
 * taken the player's seat. A match that is done stays.
 */
function remove(stream) {
  const { type, key } = streamTypes.parse(stream);
  if (!areSeveral(type)) {
    store.set({ [type.storeField]: null });
    return;
  }
  const { [key]: data, ...others } = store.state[type.storeField];
  if (data && !type.isOver?.(data)) store.set({ [type.storeField]: others });
}

/** Read `/api/system` again when the organisers have changed the house rules. */
async function keepUp(version) {
  if (asking || version === undefined || version === store.state.system.house_version) return;
  asking = true;
  try {
    await loadSystem();
  } catch {
    // The next change of the queue asks again.
  } finally {
    asking = false;
  }
}

/** Note the match that the player was in at first, and choose the roles for the next one. */
function readAccount(data) {
  if (earlier === undefined) earlier = data.match_id ?? null;
  if (data.queue) rememberRoles(data.queue.selected_roles);
  // The roles named last time, else the ones that the player prefers.
  const choices = [data.queue?.selected_roles, store.state.chosen, rememberedRoles(), data.preferred_roles].map(knownRoles);
  store.set({ chosen: choices.find((roles) => roles.length > 0) ?? [] });
}

/**
 * Show a new match in place of what the player is looking at, and call the player. The client tells of each match once.
 * If the player was in the match before this page was opened, another page may have called already.
 */
function found(data) {
  const { [data.match_id]: _, ...others } = store.state.matches;
  const ids = Object.keys(others);
  for (const matchId of ids.slice(0, Math.max(0, ids.length + 1 - MATCHES_KEPT))) {
    client.unsubscribe(`match_${matchId}`);
    delete others[matchId];
  }
  store.set({ matches: { ...others, [data.match_id]: data } });
  const { me: player } = store.state;
  if (!hasOpenSeat(data, player) || (data.match_id === earlier && wasAnnounced(data.match_id))) return;
  hush();
  if (location.hash !== "") location.hash = "";
  const seat = data.players[player?.user_id];
  announce(data.match_id, { title: t(`phase.${data.phase}`), body: seat ? `${roleName(seat.role)} · ${t(`team.${seat.team}`)}` : "" });
}

/**
 * To be called every second. If much more time has passed, the device has slept, and the client looks at its link. If
 * the device's clock was set, the server is asked for its own.
 */
export function tick() {
  const now = [Date.now(), performance.now()];
  const [clock, time] = now.map((each, index) => each - lastTick[index]);
  lastTick = now;
  if (clock > ASLEEP) client?.hurry();
  if (Math.abs(clock - time) > SET) loadSystem().catch(() => {});
}

addEventListener("online", () => client?.hurry());
addEventListener("offline", () => client?.lose());
addEventListener("pageshow", () => client?.hurry());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") client?.hurry();
});
