/**
 * The realtime client: mirrors of the server's streams, kept current over one socket.
 *
 *     const client = new RealtimeClient({ loadSystem, fetchJson, token });
 *     client.addEventListener("change", ({ detail }) => draw(detail.stream, detail.data));
 *     client.start();
 *
 * The client sends one frame when the socket opens; from then on the server speaks. A client that has missed an update
 * asks for the whole state (`resync`). A lost socket comes back by itself; until then the states are read over REST. Events:
 *
 * - `state` {state, refused}: `refused` is why the server shut the client out (the close code or `origin`), or null.
 * - `refused` {code}: the client stays away for that reason.
 * - `change` {stream, data}: a stream has another state.
 * - `match_found` {stream, data}: once for each open match. Every stream type with an action `found` has such an event.
 * - `ended` {stream}: the player is not entitled to a stream any more.
 */

import { AutoSubscriptions } from "./auto-subscriptions.js";
import { Configuration } from "./configuration.js";
import { CLOSE, FINAL, pause, refusal, socketAddress } from "./link.js";
import { Mirrors } from "./mirrors.js";
import { Poller } from "./polling.js";
import { Repairs } from "./repairs.js";
import { Socket } from "./socket.js";
import { StreamTypes } from "./streams.js";
import { Tokens } from "./tokens.js";

const HEARTBEAT = 10; // seconds, unless the server names another time
const FAILURES_BEFORE_POLLING = 2;

export class RealtimeClient extends EventTarget {
  mirrors;
  state = "reconnecting";
  refused = null;
  userId = null;

  #needs;
  #types;
  #configuration;
  #socket;
  #generation = 0; // of the attempt to connect: an answer to an earlier one no longer counts
  #stopped = true;
  #welcomed = false;
  #failures = 0;
  #polled = null; // whether the last round of polling was answered; null where nothing is polled
  #freshToken = false;
  #heartbeat = HEARTBEAT;
  #uncertain = false; // whether the server has said that it may be behind
  #given = []; // the streams that the newest `welcome` named
  #shown = null; // the refusal that listeners were told of
  #retry = null;
  #autoSubscriptions;
  #repairs;
  #tokens;
  #poller;
  #wanted = new Set(); // the streams that `subscribe` asked for

  /** @param {import("./link.js").Needs} needs */
  constructor(needs) {
    super();
    const now = needs.now ?? Date.now;
    const all = { WebSocket: globalThis.WebSocket, timers: globalThis, random: Math.random, now, serverNow: now, ...needs };
    this.#needs = all;
    const types = (this.#types = new StreamTypes(all.streamTypes));
    const mirrors = (this.mirrors = new Mirrors(types));
    this.#autoSubscriptions = new AutoSubscriptions({ types, mirrors, tell: (name, stream) => this.#tell(name, stream) });
    this.#configuration = new Configuration({ ...all, changed: () => this.#poll() });
    this.#tokens = new Tokens({ ...all, renewed: (token) => this.#introduce(token) });
    this.#socket = new Socket({ ...all, take: (frame) => this.#take(frame), closed: (code, reason) => this.#closed(code, reason) });
    const ask = (stream) => this.#socket.send({ action: "resync", stream });
    this.#repairs = new Repairs({ ...all, held: (stream) => mirrors.seq(stream), ask });
    this.#poller = new Poller({
      ...all,
      types,
      streams: () => [...mirrors.openStreams(), ...mirrors.named(this.userId), ...this.#wanted],
      began: () => mirrors.beginPoll(),
      take: (stream, body) => this.#takePolled(stream, body),
      gone: (stream) => {
        if (!mirrors.isOvertaken(stream)) this.#end(stream);
      },
      ended: (ok) => this.#show(ok),
    });
  }

  /** Connect, and stay connected until `stop`. A client that waits for its next attempt makes it now. */
  start() {
    if (!this.#stopped) return this.hurry();
    this.#stopped = false;
    this.refused = null;
    this.#failures = 0;
    this.#connect();
    this.#show();
  }

  /** Let go of the socket and of every timer. What is mirrored stays readable. */
  stop() {
    this.#stopped = true;
    this.#generation += 1;
    this.#letGo();
    this.#poll();
    this.#show();
  }

  /** Connect now rather than later, as when the device has woken. A socket is kept unless it has been silent for too long. */
  hurry() {
    if (this.#stopped || this.#socket.seemsAlive) return;
    this.#letGo();
    this.#connect();
  }

  /** Poll now rather than later, as after an action of the player's. What the socket carries is not polled. */
  pollNow() {
    this.#poller.hurry();
  }

  /** Take the link for dead, as when the device has lost its network. */
  lose() {
    this.#socket.lose();
  }

  /** Ask for a stream that does not come by itself (`operations`), until `unsubscribe`. @throws {RangeError} its type is unknown. */
  subscribe(stream) {
    const frame = this.#types.frame("subscribe", stream);
    this.#wanted.add(stream);
    if (this.#welcomed) this.#socket.send(frame);
    this.pollNow();
  }

  /** Give a stream up, whether it was asked for or came by itself. */
  unsubscribe(stream) {
    if (!this.#wanted.delete(stream) && this.mirrors.seq(stream) === null) return;
    this.mirrors.drop(stream);
    if (this.#welcomed) this.#socket.send(this.#types.frame("unsubscribe", stream));
  }

  // --- the socket -------------------------------------------------------------------------------

  async #connect() {
    const generation = ++this.#generation;
    try {
      if (this.#configuration.system === null) await this.#configuration.read();
      const token = await this.#tokens.get({ fresh: this.#freshToken });
      if (generation !== this.#generation) return;
      if (token === null) this.#refuse(CLOSE.UNAUTHENTICATED);
      else this.#socket.open(socketAddress(this.#configuration.system.socket_url), () => this.#introduce(token));
    } catch {
      if (generation !== this.#generation) return;
      this.#polled ??= false;
      this.#comeBack();
    }
  }

  /** Say who this is. Sent again with a fresh token, the frame extends the session. */
  #introduce(token) {
    this.#socket.send({ action: "authenticate", token, have: this.mirrors.have() });
  }

  #letGo() {
    this.#socket.letGo();
    this.#welcomed = this.#uncertain = false;
    this.#needs.timers.clearTimeout(this.#retry);
    this.#tokens.rest();
    this.#repairs.clear();
    this.#configuration.rest();
  }

  #closed(code, reason) {
    this.#letGo();
    if (code === CLOSE.UNAUTHENTICATED && !this.#freshToken) {
      this.#freshToken = true;
      this.#comeBack();
    } else if (FINAL.includes(code)) {
      this.#refuse(refusal(code, reason));
    } else {
      this.#comeBack(code, reason);
    }
  }

  #refuse(code) {
    this.refused = code;
    this.stop();
    this.dispatchEvent(new CustomEvent("refused", { detail: { code } }));
  }

  #comeBack(code = 1006, reason = "") {
    const seconds = pause(code, reason, this.#failures, this.#needs.random);
    this.refused = code === CLOSE.TOO_MANY ? code : null;
    this.#failures += 1;
    this.#retry = this.#needs.timers.setTimeout(() => this.#connect(), seconds * 1000);
    // It will be a while, and the socket's address may have changed.
    if (this.#isPatient) this.#configuration.read().catch(() => {});
    this.#poll();
    this.#show();
  }

  get #isPatient() {
    return this.#failures >= FAILURES_BEFORE_POLLING || this.refused !== null;
  }

  // --- frames -----------------------------------------------------------------------------------

  #take(frame) {
    this.#socket.expectWithin(this.#welcomed ? 2 * this.#heartbeat : undefined);
    if (frame.action === "welcome") this.#welcome(frame);
    else if (frame.action === "heartbeat") this.#beat(frame);
    else if (this.#types.parse(frame.stream) === null) return; // a newer server has types that this page cannot show
    else if (frame.action === "unsubscribed") this.#end(frame.stream);
    else if ("data" in frame) this.#snapshot(frame);
    else if ("changes" in frame) this.#update(frame);
  }

  /** A server that may be behind says so. Its heads do not count then, and REST is read, which another server may answer. */
  #beat({ heads, uncertain = false }) {
    if (uncertain !== this.#uncertain) {
      this.#uncertain = uncertain;
      this.#repairs.clear();
      this.#poll();
      this.#show();
    }
    const known = Object.entries(heads).filter(([stream]) => this.#types.parse(stream) !== null);
    if (!uncertain) this.#repairs.compare(Object.fromEntries(known));
  }

  #welcome({ user_id: userId, streams, heartbeat, expires_at: expiresAt, now, system_version: version }) {
    this.userId = userId;
    this.#given = streams;
    this.#heartbeat = this.#repairs.every = heartbeat > 0 ? heartbeat : HEARTBEAT;
    this.#welcomed = true;
    this.#failures = 0;
    this.#freshToken = false;
    this.refused = null;
    this.#socket.expectWithin(2 * this.#heartbeat);
    this.#tokens.follow(expiresAt, now);
    // The server sends what is held by itself, since `authenticate` has named it.
    for (const stream of this.#wanted) if (this.mirrors.seq(stream) === null) this.#socket.send(this.#types.frame("subscribe", stream));
    this.#poll();
    this.#configuration.follow(version);
    this.#show();
  }

  #snapshot(frame) {
    this.#repairs.came(frame.stream);
    this.mirrors.snapshot(frame);
    this.#changed(frame.stream);
    this.#autoSubscriptions.take(frame.action, frame.stream);
  }

  #update(frame) {
    const verdict = this.mirrors.update(frame);
    if (verdict === "applied") this.#changed(frame.stream);
    else if (verdict === "gap") this.#repairs.ask(frame.stream);
  }

  #end(stream) {
    if (this.mirrors.seq(stream) === null) return;
    this.mirrors.drop(stream);
    this.#wanted.delete(stream);
    this.dispatchEvent(new CustomEvent("ended", { detail: { stream } }));
  }

  // --- REST -------------------------------------------------------------------------------------

  /** Poll what the socket does not carry, or everything once there has been no socket for a while. */
  #poll() {
    const { system } = this.#configuration;
    if (system === null) return;
    let types = !this.#stopped && this.#isPatient ? this.#types.all : [];
    if (this.#welcomed) types = this.#uncertain ? this.#types.all : this.#types.unpushed(system.streams, this.#given, this.userId);
    if (types.length === 0 && (this.#welcomed || this.#stopped)) this.#polled = null;
    this.#poller.read(types, system.poll_interval);
  }

  #takePolled(stream, body) {
    const { type, key } = this.#types.parse(stream);
    if (type.audience === "owner") this.userId = key;
    if (this.mirrors.polled(stream, body)) this.#changed(stream);
  }

  #changed(stream) {
    this.#tell("change", stream);
    this.#autoSubscriptions.look(this.userId);
  }

  #tell(name, stream) {
    this.dispatchEvent(new CustomEvent(name, { detail: { stream, data: this.mirrors.data(stream) } }));
  }

  /** The state follows from what works: the socket, else REST, else nothing. */
  #show(polled = this.#polled) {
    this.#polled = polled;
    let state = "reconnecting";
    if (this.#welcomed) state = this.#polled === false ? "reconnecting" : "live"; // what is neither pushed nor polled is out of date
    else if (this.#polled && this.#poller.isReadingAll) state = "polling";
    else if (this.#stopped || this.#polled === false) state = "offline";
    if (state === this.state && this.refused === this.#shown) return;
    this.state = state;
    this.#shown = this.refused;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, refused: this.refused } }));
  }
}
