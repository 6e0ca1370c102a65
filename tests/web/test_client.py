"""The browser's realtime client, in a browser, with clock, chance, sockets and REST in the test's hand."""

from pathlib import Path

import pytest

import web

STATIC = Path(web.__file__).parent / "static" / "web"
HARNESS = Path(__file__).parent / "harness.js"
ORIGIN = "http://client.test"


@pytest.fixture(scope="module")
def page(browser):
    """A page whose origin serves the modules, and nothing else."""
    opened = browser.new_page()

    def serve(route):
        path = route.request.url.removeprefix(ORIGIN + "/")
        if path == "":
            route.fulfill(content_type="text/html", body="<!doctype html>")
        else:
            route.fulfill(content_type="text/javascript", path=HARNESS if path == "harness.js" else STATIC / path)

    opened.route(f"{ORIGIN}/**", serve)
    opened.goto(ORIGIN + "/")
    yield opened
    opened.close()


@pytest.fixture
def run(page):
    """Run statements with the harness at hand and return what they return."""

    def evaluate(statements, options="{}"):
        return page.evaluate(
            f"""async () => {{
              const {{ setUp }} = await import("{ORIGIN}/harness.js");
              const {{ world, client, settle, pass, socket, welcome, snapshot, update, beat }} = setUp({options});
              const resyncs = () => socket().sent.filter((frame) => frame.action === "resync").map((f) => f.stream);
              {statements}
            }}"""
        )

    return evaluate


class TestMergePatch:
    # The examples of RFC 7396, appendix A.
    CASES = [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ]

    @pytest.mark.parametrize(("target", "patch", "expected"), CASES)
    def test_follows_the_rfc_and_leaves_its_input_alone(self, page, target, patch, expected):
        result = page.evaluate(
            """async ([target, patch]) => {
              const { mergePatch } = await import("/mirrors.js");
              const before = JSON.stringify(target);
              return [mergePatch(target, patch), JSON.stringify(target) === before];
            }""",
            [target, patch],
        )
        assert result == [expected, True]


class TestConnecting:
    def test_sends_one_frame_and_mirrors_what_arrives(self, run):
        result = run("""
          client.start();
          await welcome();
          snapshot("queue", 3, { total: 1 });
          update("queue", 3, 4, { total: 2, more: 1 });
          await pass(9);
          return [socket().url, socket().sent, client.state, client.mirrors.data("queue"), world.fetched];
        """)
        sent = [{"action": "authenticate", "token": "one", "have": {}}]
        assert result == ["ws://client.test/ws/", sent, "live", {"total": 2, "more": 1}, []]

    def test_comes_back_with_what_it_holds(self, run):
        result = run("""
          client.start();
          await welcome();
          snapshot("queue", 3, { total: 1 });
          socket().drop(1006);
          const lost = client.state;
          await pass(1);
          await welcome();
          return [lost, world.sockets.length, socket().sent[0].have, client.state];
        """)
        assert result == ["reconnecting", 2, {"queue": {"epoch": "e1", "seq": 3}}, "live"]

    def test_waits_between_half_a_second_and_twenty_and_longer_each_time(self, run):
        waits = """
          client.start();
          await settle();
          const waits = [];
          for (let attempt = 0; attempt < 8; attempt += 1) {
            const before = world.sockets.length;
            const from = world.now;
            socket().drop(1006);
            while (world.sockets.length === before) await pass(0.1);
            waits.push(Math.round((world.now - from) / 100) / 10);
          }
          return waits;
        """
        assert run(waits, "{ random: 0 }") == [0.5] * 8
        assert run(waits, "{ random: 0.999999 }") == [1, 2, 4, 8, 16, 20, 20, 20]

    def test_gives_up_a_link_that_has_gone_silent(self, run):
        result = run("""
          client.start();
          await welcome();
          await pass(24.9);
          const before = world.sockets.length;
          const first = socket();
          await pass(1.1);
          return [before, first.closed, world.sockets.length];
        """)
        assert result == [1, True, 2]

    def test_any_frame_shows_that_the_link_lives(self, run):
        assert (
            run("""
          client.start();
          await welcome();
          for (let turn = 0; turn < 5; turn += 1) {
            await pass(20);
            beat({});
          }
          return world.sockets.length;
        """)
            == 1
        )

    def test_gives_up_a_socket_that_never_opens(self, run):
        assert run("client.start(); await settle(); await pass(11); return world.sockets.length;") == 2

    def test_what_was_given_up_says_nothing_more(self, run):
        result = run("""
          client.start();
          await welcome();
          const first = socket();
          await pass(26);
          await welcome();
          first.say({ action: "queueInfo", stream: "queue", epoch: "old", seq: 1, data: {} });
          first.drop(4403);
          return [client.mirrors.data("queue"), client.state];
        """)
        assert result == [None, "live"]

    def test_extends_its_session_on_the_same_socket(self, run):
        result = run("""
          client.start();
          await welcome({ expires_at: world.now / 1000 + 100 });
          snapshot("queue", 1, {});
          await pass(20);
          beat({});
          await pass(21);
          return [world.sockets.length, socket().sent.length, socket().sent[1]];
        """)
        assert result == [
            1,
            2,
            {"action": "authenticate", "token": "two", "have": {"queue": {"epoch": "e1", "seq": 1}}},
        ]

    def test_hurries_when_told_that_the_network_is_back(self, run):
        result = run("""
          client.start();
          await settle();
          socket().drop(1006);
          client.hurry();
          await settle();
          client.hurry();
          await settle();
          await pass(5);
          return world.sockets.length;
        """)
        assert result == 2

    def test_stops_for_good_when_told_to(self, run):
        result = run("""
          client.start();
          await welcome();
          client.stop();
          await pass(60);
          return [world.sockets.length, socket().closed, client.state, world.timers.size];
        """)
        assert result == [1, True, "offline", 0]


class TestClosing:
    def test_an_expired_token_is_renewed(self, run):
        result = run("""
          client.start();
          await welcome();
          socket().drop(4401);
          await pass(1);
          await welcome();
          return [world.tokenWishes, socket().sent[0].token, client.state];
        """)
        assert result == [[False, True], "two", "live"]

    def test_a_renewed_token_that_is_refused_as_well_ends_it(self, run):
        result = run("""
          client.start();
          await settle();
          socket().drop(4401);
          await pass(1);
          socket().drop(4401);
          await pass(60);
          return [world.sockets.length, world.events.filter(([name]) => name === "refused")];
        """)
        assert result == [2, [["refused", {"code": 4401}]]]

    def test_without_a_token_no_socket_is_opened(self, run):
        result = run(
            "client.start(); await settle(); return [world.sockets.length, world.events.at(-1)];", "{tokens: []}"
        )
        assert result == [0, ["refused", {"code": 4401}]]

    @pytest.mark.parametrize("code", [4400, 4403, 4409])
    def test_a_client_that_is_not_wanted_stays_away_until_started_again(self, run, code):
        result = run(f"""
          client.start();
          await welcome();
          socket().drop({code});
          await pass(120);
          const away = [world.sockets.length, client.state, world.events.at(-1), world.fetched.length];
          client.start();
          await settle();
          return [...away, world.sockets.length];
        """)
        assert result == [1, "offline", ["refused", {"code": code}], 0, 2]

    @pytest.mark.parametrize("code", [1006, 1009, 1012, 4408, 4429])
    def test_any_other_end_is_followed_by_a_return(self, run, code):
        result = run(
            f"client.start(); await welcome(); socket().drop({code}); await pass(2); return world.sockets.length;"
        )
        assert result == 2

    def test_a_restarting_server_may_name_the_span_to_return_in(self, run):
        result = run("""
          client.start();
          await welcome();
          socket().drop(1012, "restarting, jitter 8 s");
          await pass(3.9);
          const early = world.sockets.length;
          await pass(0.2);
          return [early, world.sockets.length];
        """)
        assert result == [1, 2]


class TestRepair:
    START = """
      client.start();
      await welcome();
      snapshot("queue", 5, { total: 1 });
    """

    def test_ignores_what_it_has_already(self, run):
        result = run(
            self.START
            + """
          update("queue", 4, 5, { total: 9 });
          update("queue", 2, 3, { total: 8 });
          return [client.mirrors.data("queue"), resyncs()];
        """
        )
        assert result == [{"total": 1}, []]

    def test_asks_once_for_what_it_missed(self, run):
        result = run(
            self.START
            + """
          update("queue", 6, 7, { total: 3 });
          update("queue", 7, 8, { total: 4 });
          const during = client.mirrors.data("queue");
          snapshot("queue", 8, { total: 4 });
          update("queue", 8, 9, { total: 5 });
          return [during, resyncs(), client.mirrors.data("queue")];
        """
        )
        assert result == [{"total": 1}, ["queue"], {"total": 5}]

    def test_a_new_numbering_is_asked_for_even_where_the_numbers_fit(self, run):
        assert run(self.START + 'update("queue", 5, 6, { total: 2 }, "e2"); return resyncs();') == ["queue"]

    def test_a_lost_last_change_is_found_by_the_heartbeat(self, run):
        result = run(
            self.START
            + """
          beat({ queue: 6 });
          const early = resyncs();
          await pass(1.1);
          return [early, resyncs()];
        """
        )
        assert result == [[], ["queue"]]

    def test_a_change_that_was_only_late_is_not_asked_for(self, run):
        assert (
            run(
                self.START
                + """
          beat({ queue: 6 });
          await pass(0.5);
          update("queue", 5, 6, { total: 2 });
          await pass(2);
          return resyncs();
        """
            )
            == []
        )

    def test_a_head_behind_what_is_held_is_a_reason_to_ask(self, run):
        assert run(self.START + "beat({ queue: 2 }); await pass(1.1); return resyncs();") == ["queue"]

    def test_a_stream_never_received_is_asked_for(self, run):
        assert run(self.START + "beat({ queue: 5, user_me: 1 }); await pass(1.1); return resyncs();") == ["user_me"]

    def test_equal_heads_cost_nothing(self, run):
        assert run(self.START + "beat({ queue: 5 }); await pass(5); return socket().sent.length;") == 1

    def test_an_answer_that_never_came_is_asked_for_again(self, run):
        assert run(
            self.START
            + """
          beat({ queue: 6 });
          await pass(11);
          beat({ queue: 6 });
          await pass(1.1);
          return resyncs();
        """
        ) == ["queue", "queue"]


class TestMatches:
    def test_a_found_match_is_announced_and_held(self, run):
        result = run("""
          client.start();
          await welcome();
          snapshot("match_m", 1, { match_id: "m", status: "matched" }, "e1", "match_found");
          const found = world.events.filter(([name]) => name === "match_found");
          return [found.length, client.mirrors.data("match_m").status];
        """)
        assert result == [1, "matched"]

    def test_a_match_given_up_is_unsubscribed_once(self, run):
        result = run("""
          client.start();
          await welcome();
          snapshot("match_m", 1, { match_id: "m", status: "done" }, "e1", "matchInfo");
          client.forgetMatch("m");
          client.forgetMatch("m");
          return [socket().sent.slice(1), client.mirrors.data("match_m")];
        """)
        assert result == [[{"action": "unsubscribeMatch", "match_id": "m"}], None]


class TestPolling:
    REST = """{ rest: {
      "/queue": { epoch: "e1", seq: 7, total: 3, none: null },
      "/users/me": { epoch: "e1", seq: 2, user_id: "me", match_id: "m", queue: null },
      "/matches/m": { epoch: "e1", seq: 1, match_id: "m", status: "matched" },
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

    def test_reads_over_rest_when_the_socket_cannot_be_had(self, run):
        result = run(
            self.LOSE
            + """
          return [client.state, world.fetched, client.mirrors.data("queue"),
                  world.events.filter(([name]) => name === "match_found").length];
        """,
            self.REST,
        )
        assert result == ["polling", ["/queue", "/users/me", "/matches/m"], {"total": 3}, 1]

    def test_keeps_the_interval_it_was_told(self, run):
        result = run(
            self.LOSE
            + """
          const first = world.fetched.length;
          await pass(4.9);
          const second = world.fetched.length;
          await pass(0.2);
          return [first, second, world.fetched.length];
        """,
            self.REST,
        )
        assert result == [3, 3, 6]

    def test_returns_to_the_socket_with_what_it_read_and_stops_reading(self, run):
        result = run(
            self.LOSE
            + """
          const before = world.sockets.length;
          while (world.sockets.length === before) await pass(0.5);
          await welcome();
          const read = world.fetched.length;
          for (let turn = 0; turn < 4; turn += 1) { await pass(10); beat({}); }
          return [client.state, world.fetched.length - read, socket().sent[0].have.queue];
        """,
            self.REST,
        )
        assert result == ["live", 0, {"epoch": "e1", "seq": 7}]

    def test_an_older_answer_does_not_follow_a_newer_one(self, run):
        result = run(
            self.LOSE
            + """
          world.rest["/queue"] = { epoch: "e1", seq: 6, total: 99 };
          await pass(5.1);
          return client.mirrors.data("queue");
        """,
            self.REST,
        )
        assert result == {"total": 3}

    def test_says_offline_when_nothing_answers_and_recovers(self, run):
        result = run("""
          world.systemDown = true;
          client.start();
          await settle();
          const down = client.state;
          world.systemDown = false;
          await pass(2);
          await welcome();
          return [down, client.state];
        """)
        assert result == ["offline", "live"]

    def test_a_kind_that_is_not_pushed_is_read_while_the_socket_lives(self, run):
        result = run(
            """
          client.start();
          await welcome();
          await pass(5.5);
          return [client.state, world.fetched];
        """,
            self.REST.replace("{ rest", '{ system: { streams: ["user", "match"] }, rest'),
        )
        assert result == ["live", ["/queue", "/queue"]]
