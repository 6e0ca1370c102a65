/**
 * The realtime client: mirrors of the server's streams, kept current over one socket.
 *
 *     const client = new RealtimeClient({ loadSystem, fetchJson, token });
 *     client.addEventListener("change", ({ detail }) => draw(detail.stream, detail.data));
 *     client.start();
 *
 * One frame is sent when the socket opens, and from then on the server speaks: there are no pings
 * and no requests while it lives. A gap in a stream's numbers, or a heartbeat whose heads differ
 * from what is held, is mended with a `resync`. A lost socket comes back by itself and tells what it
 * holds, so that a return costs nothing where nothing changed; until then the projections are read.
 *
 * Events: `state` {state, refused} (why the server shut the client out: the close code or `origin`; null), `refused` {code}
 * when it stays away for that, `change` {stream, data}, `match_found` {stream, data} once for each open match of the
 * player's, however it became known, `ended` {stream} when the player is not entitled to a stream any more.
 */

import { Configuration } from "./configuration.js";
import { CLOSE, FINAL, pause, refusal, socketAddress } from "./link.js";
import { about, Mirrors } from "./mirrors.js";
import { KINDS, Poller } from "./polling.js";
import { Repairs } from "./repairs.js";
import { Socket } from "./socket.js";
import { Tokens } from "./tokens.js";

const HEARTBEAT = 10; // seconds, where the server names no time that is one
const FAILURES_BEFORE_POLLING = 2;

export class RealtimeClient extends EventTarget {
  mirrors = new Mirrors();
  state = "reconnecting";
  refused = null;
  userId = null;

  #needs;
  #configuration;
  #socket;
  #generation = 0; // what an earlier attempt awaited no longer counts
  #stopped = true;
  #welcomed = false;
  #failures = 0;
  #polled = null; // whether the last round of polling was answered
  #freshToken = false;
  #heartbeat = HEARTBEAT;
  #uncertain = false; // whether the server has said that it may be behind
  #unpushed = () => false; // whether a kind of stream does not come over the present socket
  #shown = null; // the refusal that listeners know of
  #met = new Set(); // matches that were told of
  #retry = null;
  #repairs;
  #tokens;
  #poller;
  #wanted = new Set(); // the streams that were asked for besides those that come by themselves

  /** @param {import("./link.js").Needs} needs */
  constructor(needs) {
    super();
    const now = needs.now ?? Date.now;
    const all = { WebSocket: globalThis.WebSocket, timers: globalThis, random: Math.random, now, serverNow: now, ...needs };
    this.#needs = all;
    this.#configuration = new Configuration({ ...all, changed: () => this.#poll() });
    this.#tokens = new Tokens({ ...all, renewed: (token) => this.#introduce(token) });
    this.#socket = new Socket({ ...all, take: (frame) => this.#take(frame), closed: (code, reason) => this.#closed(code, reason) });
    const ask = (stream) => this.#socket.send({ action: "resync", stream });
    this.#repairs = new Repairs({ ...all, held: (stream) => this.mirrors.seq(stream), ask });
    this.#poller = new Poller({
      ...all,
      matches: () => this.mirrors.openMatches(this.userId),
      wanted: this.#wanted,
      take: (stream, body) => this.#takePolled(stream, body),
      gone: (stream) => this.#end(stream),
      ended: (ok) => this.#show(ok),
    });
  }

  /** Connect, and stay connected until `stop`; at once, where it waits for its time. */
  start() {
    if (!this.#stopped) return this.hurry();
    this.#stopped = false;
    this.refused = null;
    this.#failures = 0;
    this.#connect();
    this.#show();
  }

  /** Let go of the socket and of every timer; what is mirrored stays readable. */
  stop() {
    this.#stopped = true;
    this.#generation += 1;
    this.#letGo();
    this.#poll();
    this.#show();
  }

  /**
   * Come back now instead of at the appointed time, as when the device has found its network again
   * or has woken; a socket that has been silent for too long meanwhile, which no timer told, is given up.
   */
  hurry() {
    if (this.#stopped || this.#socket.seemsAlive) return;
    this.#letGo();
    this.#connect();
  }

  /** Read at once what is polled, as after something of the player's own doing; what the socket carries comes by itself. */
  pollNow() {
    this.#poller.hurry();
  }

  /** Take the link for dead, as when the device has lost its network. */
  lose() {
    this.#socket.lose();
  }

  /** Ask for a stream besides those that come by themselves (`operations`), until it is given up. */
  subscribe(stream) {
    this.#wanted.add(stream);
    if (this.#welcomed) this.#socket.send(about("subscribe", stream));
    this.pollNow();
  }

  /** Give a stream up, or a match: no more of it is wanted. */
  unsubscribe(stream) {
    if (!this.#wanted.delete(stream) && this.mirrors.seq(stream) === null) return;
    this.mirrors.drop(stream);
    if (this.#welcomed) this.#socket.send(about("unsubscribe", stream));
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

  /** Say who this is; sent again with a fresh token, it extends the session. */
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
    // It will be a while; and where the socket is may be among what has changed.
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
    else if (frame.action === "unsubscribed") this.#end(frame.stream);
    else if ("data" in frame) this.#snapshot(frame);
    else if ("changes" in frame) this.#update(frame);
  }

  /** A server that may be behind says so: REST is read meanwhile, which another may answer, and its heads say nothing. */
  #beat({ heads, uncertain = false }) {
    if (uncertain !== this.#uncertain) {
      this.#uncertain = uncertain;
      this.#repairs.clear();
      this.#poll();
      this.#show();
    }
    if (!uncertain) this.#repairs.compare(heads);
  }

  #welcome({ user_id: userId, streams, heartbeat, expires_at: expiresAt, now, system_version: version }) {
    this.userId = userId;
    this.#heartbeat = this.#repairs.every = heartbeat > 0 ? heartbeat : HEARTBEAT;
    this.#welcomed = true;
    this.#failures = 0;
    this.#freshToken = false;
    this.refused = null;
    this.#socket.expectWithin(2 * this.#heartbeat);
    this.#tokens.follow(expiresAt, now);
    // What is held is taken up again by itself.
    for (const stream of this.#wanted) if (this.mirrors.seq(stream) === null) this.#socket.send(about("subscribe", stream));
    // Kinds that the operator has switched off are not pushed; of the two that everybody has the welcome tells it too.
    const own = { queue: "queue", user: `user_${userId}` };
    const isOn = (kind) => this.#configuration.system.streams.includes(kind);
    this.#unpushed = (kind) => !isOn(kind) || (kind in own && !streams.includes(own[kind]));
    this.#poll();
    this.#configuration.follow(version);
    this.#show();
  }

  #snapshot(frame) {
    this.#repairs.came(frame.stream);
    this.mirrors.snapshot(frame);
    this.#changed(frame.stream);
    if (frame.action === "match_found") this.#meet(frame.stream);
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

  /** Read what the socket does not carry; all, once there is none for a while. */
  #poll() {
    const { system } = this.#configuration;
    if (system === null) return;
    const kinds = KINDS.filter(this.#welcomed ? (kind) => this.#uncertain || this.#unpushed(kind) : () => !this.#stopped && this.#isPatient);
    if (kinds.length === 0 && (this.#welcomed || this.#stopped)) this.#polled = null;
    this.#poller.read(kinds, system.poll_interval);
  }

  #takePolled(stream, body) {
    if (stream.startsWith("user_")) this.userId = body.user_id;
    if (this.mirrors.polled(stream, body)) this.#changed(stream);
  }

  #changed(stream) {
    this.#tell("change", stream);
    // A match that was found while there was no link comes under no special name.
    const match = this.mirrors.ownMatch(this.userId);
    if (match !== null) this.#meet(match);
  }

  #meet(stream) {
    if (this.#met.has(stream)) return;
    this.#met.add(stream);
    this.#tell("match_found", stream);
  }

  #tell(name, stream) {
    this.dispatchEvent(new CustomEvent(name, { detail: { stream, data: this.mirrors.data(stream) } }));
  }

  /** The state follows from what works: the socket, else REST, else nothing. */
  #show(polled = this.#polled) {
    this.#polled = polled;
    let state = "reconnecting";
    if (this.#welcomed) state = this.#polled === false ? "reconnecting" : "live"; // no number of it is dead
    else if (this.#polled && this.#poller.isReadingAll) state = "polling";
    else if (this.#stopped || this.#polled === false) state = "offline";
    if (state === this.state && this.refused === this.#shown) return;
    this.state = state;
    this.#shown = this.refused;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, refused: this.refused } }));
  }
}
