"""The browser's realtime client over hours: other clocks, answers that never come, a server that is set up anew."""

import pytest

REST = """{ rest: {
  "/queue": { epoch: "e1", seq: 7, total: 3 },
  "/users/me": { epoch: "e1", seq: 2, user_id: "me", match_id: "m" },
  "/matches/m": { epoch: "e1", seq: 1, match_id: "m", status: "matched" },
  "/matches/n": { epoch: "e1", seq: 1, match_id: "n", status: "matched" },
} }"""
LOSE = """
  client.start();
  await settle();
  for (let turn = 0; turn < 2; turn += 1) {
    socket().drop(1006);
    await settle();
    if (turn === 0) await pass(1.1);
  }
"""
KEEP = "const keep = async (seconds) => { for (let at = 0; at < seconds; at += 10) { await pass(10); beat({}); } };"


class TestClocks:
    @pytest.mark.parametrize("hours", [-30, -2, 0, 2, 30])
    @pytest.mark.parametrize(("lasts", "renewals"), [(86_400, 0), (3_600, 1), (1_000, 3), (90, 119), (30, 239)])
    def test_a_token_is_renewed_by_the_servers_clock_before_it_expires(self, run, hours, lasts, renewals):
        """`renewals` is how often in an hour, with tokens that last so many seconds."""
        result = run(f"""
          const server = () => world.now / 1000 - {hours * 3600};
          const hello = () => ({{ now: server(), expires_at: server() + {lasts} }});
          client.start();
          await welcome(hello());
          const before = world.tokenWishes.length;
          for (let second = 0; second < 3595; second += 1) {{
            await pass(1);
            if (second % 10 === 0) beat({{}});
            while (socket().sent.length > world.tokenWishes.length - before + 1) throw new Error("a frame too many");
            if (world.tokenWishes.length > (world.seen ?? before)) {{
              world.seen = world.tokenWishes.length;
              socket().say({{ action: "welcome", user_id: "me", streams: ["queue", "user_me"], heartbeat: 10,
                             system_version: "v1", ...hello() }});
            }}
          }}
          return [world.tokenWishes.slice(before), world.sockets.length];
        """)
        assert result == [[True] * renewals, 1]

    @pytest.mark.parametrize("known", [True, False], ids=["asked", "guessed"])
    def test_an_older_server_that_names_no_time_does_not_make_it_renew_all_the_time(self, run, known):
        """Then what the page knows of its clock serves; without that a device hours ahead asks once a minute."""
        result = run(
            KEEP
            + """
          client.start();
          await welcome({ now: undefined, expires_at: world.now / 1000 - 7200 + 3600 });
          await keep(120);
          return world.tokenWishes;
        """,
            f"{{ serverAhead: {-7_200_000 if known else 0} }}",
        )
        assert result == [False, *([] if known else [True])]

    def test_an_answer_that_never_came_is_asked_for_again_whatever_the_clock_says(self, run):
        result = run("""
          client.start();
          await welcome();
          snapshot("queue", 5, {});
          beat({ queue: 6 });
          await pass(2);
          world.now -= 7_200_000;  // somebody has set the clock
          for (const timer of world.timers.values()) timer.at -= 7_200_000;  // which timers do not go by
          await pass(10);
          beat({ queue: 6 });
          await pass(2);
          return resyncs();
        """)
        assert result == ["queue", "queue"]


class TestWaiting:
    @pytest.mark.parametrize("what", ["token", "system"])
    def test_what_is_needed_to_connect_and_never_comes_is_asked_for_again(self, run, what):
        result = run(f"""
          world.hanging.add("{what}");
          client.start();
          await settle();
          await pass(14);
          const early = client.state;
          await pass(2);
          const late = client.state;
          world.hanging.clear();
          for (let turn = 0; turn < 60 && world.sockets.length === 0; turn += 1) await pass(0.5);
          await welcome();
          return [early, late, client.state];
        """)
        assert result == ["reconnecting", "offline", "live"]

    def test_a_fresh_token_that_never_comes_leaves_the_session_as_it_is(self, run):
        result = run(
            KEEP
            + """
          client.start();
          await welcome({ expires_at: world.now / 1000 + 90 });
          world.hanging.add("token");
          await keep(60);
          world.hanging.clear();
          socket().drop(4401);
          await pass(1);
          await welcome();
          return [client.state, world.sockets.length, world.tokenWishes];
        """
        )
        assert result == ["live", 2, [False, True, True]]

    def test_a_read_that_never_comes_holds_up_no_other(self, run):
        result = run(
            LOSE
            + """
          world.rest["/users/me"] = "hang";
          world.rest["/queue"] = { epoch: "e1", seq: 8, total: 4 };
          await pass(22);
          const first = client.mirrors.data("queue").total;
          world.rest["/queue"] = { epoch: "e1", seq: 9, total: 5 };
          world.rest["/users/me"] = { epoch: "e1", seq: 3, user_id: "me", match_id: "n" };
          await pass(22);
          return [first, client.state, client.mirrors.data("queue").total, client.mirrors.data("match_n")?.match_id];
        """,
            REST,
        )
        assert result == [4, "polling", 5, "n"]

    def test_a_socket_that_the_browser_refuses_to_make_is_a_failed_attempt(self, run):
        result = run(
            """
          world.forbidden = true;
          client.start();
          await settle();
          await pass(5);
          const meanwhile = client.state;
          world.forbidden = false;
          for (let turn = 0; turn < 60 && world.sockets.length === 0; turn += 1) await pass(0.5);
          await welcome();
          return [meanwhile, client.state];
        """,
            REST,
        )
        assert result == ["polling", "live"]

    def test_an_answer_that_is_none_of_the_api_is_a_failed_attempt(self, run):
        """As of a hotel's network that wants its visitors to sign in."""
        result = run("""
          const good = world.system;
          for (const bad of [{ socket_url: undefined }, { streams: undefined }, { socket_url: "http://[" }]) {
            world.system = { ...good, ...bad };
            client.start();
            await settle();
            await pass(3);
          }
          world.system = good;
          for (let turn = 0; turn < 60 && world.sockets.length === 0; turn += 1) await pass(0.5);
          await welcome();
          return client.state;
        """)
        assert result == "live"


class TestAnotherConfiguration:
    COME_BACK = """
      client.start();
      await welcome();
      snapshot("queue", 5, { total: 1 });
      const before = world.asked;
      socket().drop(1012, "come back in 1 s");
      await pass(1.1);
    """

    def test_a_return_to_the_same_server_asks_nothing(self, run):
        assert run(
            self.COME_BACK + "await welcome(); await pass(9); return [world.asked - before, world.fetched];"
        ) == [
            0,
            [],
        ]

    @pytest.mark.parametrize("stream_type", ["queue", "user", "match", "operations"])
    def test_a_type_that_was_switched_off_meanwhile_is_read(self, run, stream_type):
        path = {"queue": "/queue", "user": "/users/me", "match": "/matches/m", "operations": "/operations"}[stream_type]
        result = run(
            f"""
          client.subscribe("operations");
          world.rest["/operations"] = {{ epoch: "e1", seq: 1, points: {{}} }};
          {self.COME_BACK}
          world.system = {{ ...world.system, system_version: "v2",
            streams: world.system.streams.filter((each) => each !== "{stream_type}") }};
          await welcome({{ streams: ["queue", "user_me"].filter((each) => !each.startsWith("{stream_type}")) }});
          snapshot("user_me", 2, {{ match_id: "m" }});
          await pass(6);
          return [world.asked - before, [...new Set(world.fetched)], client.state];
        """,
            REST,
        )
        assert result == [1, [path], "live"]

    @pytest.mark.parametrize("name", ["queue", "user_me"])
    def test_what_the_welcome_does_not_name_is_read_whatever_else_is_said(self, run, name):
        result = run(
            self.COME_BACK
            + f"""
          await welcome({{ streams: ["queue", "user_me"].filter((each) => each !== "{name}") }});
          await pass(6);
          return [[...new Set(world.fetched)], client.mirrors.data("queue")];
        """,
            REST,
        )
        assert result == ([["/queue"], {"total": 3}] if name == "queue" else [["/users/me"], {"total": 1}])

    def test_a_type_that_was_switched_on_again_is_read_no_more(self, run):
        result = run(
            self.COME_BACK
            + """
          world.system = { ...world.system, system_version: "v2", streams: ["queue", "user", "match", "operations"] };
          await welcome();
          const read = world.fetched.length;
          await pass(9);
          return [read > 0, world.fetched.length - read];
        """,
            REST.replace("{ rest", '{ system: { streams: ["user", "match", "operations"] }, rest'),
        )
        assert result == [True, 0]

    def test_it_asks_until_the_answer_is_of_the_server_that_it_has(self, run):
        """While workers are replaced one after another, REST may still be answered by an old one."""
        result = run(
            KEEP
            + self.COME_BACK
            + """
          await welcome({ system_version: "v2" });
          await keep(60);
          const during = world.asked - before;
          world.system = { ...world.system, system_version: "v2" };
          await keep(60);
          const then = world.asked;
          await keep(120);
          return [during, world.asked - then];
        """
        )
        assert result == [3, 0]

    def test_a_server_that_names_no_version_is_asked_at_each_welcome(self, run):
        result = run(self.COME_BACK + "await welcome({ system_version: undefined }); return world.asked - before;")
        assert result == 1

    def test_a_socket_that_has_moved_is_found(self, run):
        result = run("""
          client.start();
          await welcome();
          world.system = { ...world.system, socket_url: "ws://elsewhere.test/ws/" };
          socket().drop(1006);
          for (let turn = 0; turn < 4; turn += 1) { await pass(10); socket().drop(1006); }
          await pass(20);
          return socket().url;
        """)
        assert result == "ws://elsewhere.test/ws/"

    def test_it_never_says_live_over_a_number_that_is_dead(self, run):
        result = run(
            """
          client.start();
          await welcome({ streams: ["user_me"] });
          const states = [client.state];
          delete world.rest["/queue"];
          await pass(5.5);
          states.push(client.state);
          world.rest["/queue"] = { epoch: "e1", seq: 8, total: 4 };
          await pass(5);
          return [...states, client.state];
        """,
            REST,
        )
        assert result == ["live", "reconnecting", "live"]

    @pytest.mark.parametrize("interval", ["0", "-1", "NaN", "undefined"])
    def test_an_interval_that_is_none_is_not_obeyed(self, run, interval):
        result = run(
            LOSE + "await pass(9); return world.fetched.filter((path) => path === '/queue').length;",
            REST.replace("{ rest", f"{{ system: {{ poll_interval: {interval} }}, rest"),
        )
        assert result == 2
