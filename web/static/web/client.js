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
 * Events: `state` {state}, `change` {stream, data}, `match_found` {stream, data}, `ended` {stream} when the player
 * is not entitled to a stream any more, `refused` {code} when the server shut the client out, and it stays away.
 */

import { CLOSE, pause, refusal, socketAddress } from "./link.js";
import { about, Mirrors } from "./mirrors.js";
import { KINDS, Poller } from "./polling.js";
import { Repairs } from "./repairs.js";

const OPENING = 10; // seconds that a socket has from opening to `welcome`
const FAILURES_BEFORE_POLLING = 2;
const REFRESH_AHEAD = 60; // seconds before the token expires
const LONGEST_TIMER = 2 ** 31 - 1; // milliseconds; a longer one would fire at once

export class RealtimeClient extends EventTarget {
  mirrors = new Mirrors();
  state = "reconnecting";
  userId = null;

  #needs;
  #timers;
  #system = null;
  #socket = null;
  #generation = 0; // what an earlier attempt awaited no longer counts
  #stopped = true;
  #welcomed = false;
  #failures = 0;
  #polled = null; // whether the last round of polling was answered
  #freshToken = false;
  #heartbeat = 10;
  #watch = null;
  #silentUntil = 0; // the time (ms since 1970) after which a link without a frame is dead
  #refresh = null;
  #retry = null;
  #repairs;
  #poller;
  #wanted = new Set(); // the streams that were asked for besides those that come by themselves

  /**
   * @param {object} needs
   * @param {() => Promise<object>} needs.loadSystem the answer of GET /api/system.
   * @param {(path: string) => Promise<object>} needs.fetchJson reads a path under /api as the player.
   * @param {(wish: {fresh: boolean}) => Promise<string|null>} needs.token the access token (`fresh`: a new one), or null.
   * @param {typeof WebSocket} [needs.WebSocket]
   * @param {{setTimeout: Function, clearTimeout: Function}} [needs.timers]
   * @param {() => number} [needs.random] from 0 to below 1.
   * @param {() => number} [needs.now] milliseconds since 1970.
   */
  constructor(needs) {
    super();
    this.#needs = { WebSocket: globalThis.WebSocket, random: Math.random, now: Date.now, ...needs };
    this.#timers = needs.timers ?? globalThis;
    this.#repairs = new Repairs({
      held: (stream) => this.mirrors.seq(stream),
      ask: (stream) => this.#send({ action: "resync", stream }),
      timers: this.#timers,
      now: this.#needs.now,
    });
    this.#poller = new Poller({
      fetchJson: needs.fetchJson,
      timers: this.#timers,
      matches: () => this.mirrors.openMatches(this.userId),
      wanted: this.#wanted,
      take: (stream, body) => this.#takePolled(stream, body),
      ended: (ok) => {
        this.#polled = ok;
        this.#show();
      },
    });
  }

  /** Connect, and stay connected until `stop`. */
  start() {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#failures = 0;
    this.#connect();
  }

  /** Let go of the socket and of every timer. What is mirrored stays readable. */
  stop() {
    this.#stopped = true;
    this.#generation += 1;
    this.#letGo();
    this.#timers.clearTimeout(this.#retry);
    this.#poller.read([], 0);
    this.#polled = null;
    this.#show();
  }

  /**
   * Come back now instead of at the appointed time, as when the device has found its network again
   * or has woken; a socket that has been silent for too long meanwhile, which no timer told, is given up.
   */
  hurry() {
    if (this.#stopped || (this.#socket && this.#needs.now() <= this.#silentUntil)) return;
    this.#letGo();
    this.#timers.clearTimeout(this.#retry);
    this.#connect();
  }

  /** Read at once what is polled, as after something of the player's own doing; what the socket carries comes by itself. */
  pollNow() {
    this.#poller.hurry();
  }

  /** Take the link for dead, as when the device has lost its network. */
  lose() {
    if (this.#socket) this.#closed(1006, "");
  }

  /** Ask for a stream besides those that come by themselves (`operations`), until it is given up. */
  subscribe(stream) {
    this.#wanted.add(stream);
    if (this.#welcomed) this.#send(about("subscribe", stream));
    this.pollNow();
  }

  /** Give a stream up, or a match: no more of it is wanted. */
  unsubscribe(stream) {
    if (!this.#wanted.delete(stream) && this.mirrors.seq(stream) === null) return;
    this.mirrors.drop(stream);
    if (this.#welcomed) this.#send(about("unsubscribe", stream));
  }

  // --- the socket -------------------------------------------------------------------------------

  async #connect() {
    const generation = ++this.#generation;
    let token;
    try {
      this.#system ??= await this.#needs.loadSystem();
      token = await this.#needs.token({ fresh: this.#freshToken });
    } catch {
      if (generation !== this.#generation) return;
      this.#polled = false;
      this.#comeBack();
      return;
    }
    if (generation !== this.#generation) return;
    if (token === null) {
      this.#refuse(CLOSE.UNAUTHENTICATED);
      return;
    }
    const socket = new this.#needs.WebSocket(socketAddress(this.#system.socket_url));
    this.#socket = socket;
    socket.onopen = () => this.#send({ action: "authenticate", token, have: this.mirrors.have() });
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
    this.#expectWithin(OPENING);
  }

  #send(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  /** Unless a frame arrives in time the link is dead, whatever the socket says. */
  #expectWithin(seconds) {
    this.#timers.clearTimeout(this.#watch);
    this.#silentUntil = this.#needs.now() + seconds * 1000;
    this.#watch = this.#timers.setTimeout(() => this.#closed(1006, ""), seconds * 1000);
  }

  #letGo() {
    const socket = this.#socket;
    this.#socket = null;
    this.#welcomed = false;
    for (const timer of [this.#watch, this.#refresh]) this.#timers.clearTimeout(timer);
    this.#repairs.clear();
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #closed(code, reason) {
    this.#letGo();
    if (code === CLOSE.UNAUTHENTICATED && !this.#freshToken) {
      this.#freshToken = true;
      this.#comeBack();
    } else if (Object.values(CLOSE).includes(code)) {
      this.#refuse(refusal(code, reason));
    } else {
      this.#comeBack(reason);
    }
  }

  #refuse(code) {
    this.stop();
    this.dispatchEvent(new CustomEvent("refused", { detail: { code } }));
  }

  #comeBack(reason = "") {
    const seconds = pause(reason, this.#failures, this.#needs.random);
    this.#failures += 1;
    this.#retry = this.#timers.setTimeout(() => this.#connect(), seconds * 1000);
    if (this.#failures >= FAILURES_BEFORE_POLLING) this.#poll(KINDS);
    this.#show();
  }

  // --- frames -----------------------------------------------------------------------------------

  #take(frame) {
    this.#expectWithin(this.#welcomed ? 2 * this.#heartbeat : OPENING);
    if (frame.action === "welcome") this.#welcome(frame);
    else if (frame.action === "heartbeat") this.#repairs.compare(frame.heads);
    else if (frame.action === "unsubscribed") this.#unsubscribed(frame);
    else if ("data" in frame) this.#snapshot(frame);
    else if ("changes" in frame) this.#update(frame);
  }

  #welcome({ user_id: userId, heartbeat, expires_at: expiresAt }) {
    this.userId = userId;
    this.#heartbeat = this.#repairs.every = heartbeat;
    this.#welcomed = true;
    this.#failures = 0;
    this.#freshToken = false;
    this.#expectWithin(2 * heartbeat);
    this.#timers.clearTimeout(this.#refresh);
    const left = expiresAt * 1000 - this.#needs.now() - REFRESH_AHEAD * 1000;
    this.#refresh = this.#timers.setTimeout(() => this.#extend(), Math.min(Math.max(left, 1000), LONGEST_TIMER));
    // What is held is taken up again by itself.
    for (const stream of this.#wanted) if (this.mirrors.seq(stream) === null) this.#send(about("subscribe", stream));
    // Kinds that the operator has switched off are not pushed.
    this.#poll(KINDS.filter((kind) => !this.#system.streams.includes(kind)));
    this.#show();
  }

  /** Extend the session with a fresh token; should there be none, the server ends it when it is time. */
  async #extend() {
    const socket = this.#socket;
    const token = await this.#needs.token({ fresh: true }).catch(() => null);
    if (token === null || socket !== this.#socket) return;
    this.#send({ action: "authenticate", token, have: this.mirrors.have() });
  }

  #snapshot(frame) {
    this.#repairs.came(frame.stream);
    this.mirrors.snapshot(frame);
    this.#tell("change", frame.stream);
    if (frame.action === "match_found") this.#tell("match_found", frame.stream);
  }

  #update(frame) {
    const verdict = this.mirrors.update(frame);
    if (verdict === "applied") this.#tell("change", frame.stream);
    else if (verdict === "gap") this.#repairs.ask(frame.stream);
  }

  #unsubscribed({ stream }) {
    if (this.mirrors.seq(stream) === null) return; // as it was asked for
    this.mirrors.drop(stream);
    this.#wanted.delete(stream);
    this.dispatchEvent(new CustomEvent("ended", { detail: { stream } }));
  }

  // --- REST -------------------------------------------------------------------------------------

  #poll(kinds) {
    if (this.#system === null) return;
    if (kinds.length === 0) this.#polled = null;
    this.#poller.read(kinds, this.#system.poll_interval);
  }

  #takePolled(stream, body) {
    const isNew = this.mirrors.seq(stream) === null;
    if (stream.startsWith("user_")) this.userId = body.user_id;
    if (!this.mirrors.polled(stream, body)) return;
    this.#tell("change", stream);
    if (isNew && stream.startsWith("match_")) this.#tell("match_found", stream);
  }

  // --- what others hear -------------------------------------------------------------------------

  #tell(name, stream) {
    this.dispatchEvent(new CustomEvent(name, { detail: { stream, data: this.mirrors.data(stream) } }));
  }

  /** The state follows from what works: the socket, else REST, else nothing. */
  #show() {
    let state = "reconnecting";
    if (this.#welcomed) state = "live";
    else if (this.#polled) state = "polling";
    else if (this.#stopped || this.#polled === false) state = "offline";
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { state } }));
  }
}
