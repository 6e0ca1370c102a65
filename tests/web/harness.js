/**
 * A clock, a random source, a server's REST answers and sockets, all in the test's hand.
 *
 * An answer in `rest` may be "hang", {status: 404, retryAfter} for a refusal, or a promise for what comes late.
 * `hanging` has what hangs: "token", "system".
 */

import { RealtimeClient } from "./client.js";
import { STREAM_TYPES } from "./streams.js";

export function setUp({ random = 0.15, system = {}, rest = {}, tokens = ["one", "two", "three"], serverAhead = 0, streamTypes } = {}) {
  const world = { now: 1_000_000, timers: new Map(), sockets: [], fetched: [], events: [], tokenWishes: [], rest, last: 0 };
  world.system = { socket_url: "/ws/", streams: ["queue", "user", "match", "operations"], poll_interval: 5, system_version: "v1", ...system };
  world.hanging = new Set();
  world.asked = 0; // how often for the system
  const never = new Promise(() => {});

  class FakeSocket {
    sent = [];
    closed = false;
    constructor(url) {
      if (world.forbidden) throw new DOMException("no socket to there", "SecurityError");
      this.url = url;
      world.sockets.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {
      this.closed = true;
    }
    say(frame) {
      this.onmessage?.({ data: JSON.stringify(frame) });
    }
    drop(code, reason = "") {
      this.onclose?.({ code, reason });
    }
  }

  const timers = {
    setTimeout(work, delay) {
      world.last += 1;
      world.timers.set(world.last, { at: world.now + delay, work });
      return world.last;
    },
    clearTimeout: (timer) => world.timers.delete(timer),
  };

  const client = new RealtimeClient({
    streamTypes,
    loadSystem: async () => {
      world.asked += 1;
      if (world.hanging.has("system")) return never;
      if (world.systemDown) throw new Error("down");
      return { ...world.system };
    },
    fetchJson: async (path) => {
      world.fetched.push(path);
      const answer = world.rest[path];
      if (answer === "hang") return never;
      if (answer === undefined || typeof answer.status === "number") throw Object.assign(new Error("refused"), answer);
      return answer;
    },
    token: async ({ fresh }) => {
      world.tokenWishes.push(fresh);
      if (world.hanging.has("token")) return never;
      return (fresh ? tokens[1] : tokens[0]) ?? null;
    },
    WebSocket: FakeSocket,
    timers,
    random: () => random,
    now: () => world.now,
    serverNow: () => world.now + serverAhead,
  });
  const found = Object.values(streamTypes ?? STREAM_TYPES).map((type) => type.found).filter(Boolean);
  for (const name of ["state", "change", "ended", "refused", ...found]) {
    client.addEventListener(name, ({ detail }) => world.events.push([name, detail]));
  }

  /** Let everything that is not waiting for a timer happen. */
  const settle = async () => {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  };

  /** Let seconds go by, with what they bring. */
  const pass = async (seconds) => {
    const end = world.now + seconds * 1000;
    for (;;) {
      const due = [...world.timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      world.timers.delete(due[0]);
      world.now = Math.max(world.now, due[1].at);
      due[1].work();
      await settle();
    }
    world.now = end;
  };

  const socket = () => world.sockets[world.sockets.length - 1];

  /** Bring the newest socket to life. */
  const welcome = async (more = {}) => {
    await settle();
    socket().onopen();
    socket().say({
      action: "welcome", user_id: "me", streams: ["queue", "user_me"], heartbeat: 10,
      expires_at: world.now / 1000 + 3600, now: world.now / 1000, system_version: world.system.system_version, ...more,
    });
    await settle();
  };

  const snapshot = (stream, seq, data, epoch = "e1", action = "queueInfo") =>
    socket().say({ action, stream, epoch, seq, data });
  const update = (stream, prev, seq, changes, epoch = "e1") =>
    socket().say({ action: "updateQueue", stream, epoch, seq, prev, changes, timestamp: 0 });
  const beat = (heads) => socket().say({ action: "heartbeat", heads });

  return { world, client, settle, pass, socket, welcome, snapshot, update, beat };
}
