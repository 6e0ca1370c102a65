"""The browser's realtime client: patches, gaps, matches, and polling where there is no socket."""

import pytest


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
          client.unsubscribe("match_m");
          client.unsubscribe("match_m");
          return [socket().sent.slice(1), client.mirrors.data("match_m")];
        """)
        assert result == [[{"action": "unsubscribeMatch", "match_id": "m"}], None]


class TestAskedFor:
    """A stream that is no player's by itself: `operations`."""

    def test_it_is_asked_for_until_it_is_given_up(self, run):
        result = run("""
          client.subscribe("operations");
          client.start();
          await welcome();
          snapshot("operations", 1, { points: {} }, "e1", "operationsInfo");
          client.unsubscribe("operations");
          client.unsubscribe("operations");
          return [socket().sent.slice(1), client.mirrors.data("operations")];
        """)
        assert result == [[{"action": "subscribeOperations"}, {"action": "unsubscribeOperations"}], None]

    def test_after_a_loss_it_is_taken_up_by_what_is_held_or_asked_for_again(self, run):
        result = run("""
          client.start();
          await welcome();
          client.subscribe("operations");
          socket().drop(1006);
          await pass(2);
          await welcome();
          snapshot("operations", 4, { points: {} }, "e1", "operationsInfo");
          socket().drop(1006);
          await pass(2);
          await welcome();
          return world.sockets.slice(1).map(({ sent }) => [sent[0].have, sent.slice(1)]);
        """)
        held = {"operations": {"epoch": "e1", "seq": 4}}
        assert result == [[{}, [{"action": "subscribeOperations"}]], [held, []]]

    def test_who_is_not_entitled_any_more_is_told_once(self, run):
        result = run("""
          client.start();
          await welcome();
          client.subscribe("operations");
          snapshot("operations", 1, { points: {} }, "e1", "operationsInfo");
          socket().say({ action: "unsubscribed", stream: "operations" });
          socket().say({ action: "unsubscribed", stream: "operations" });
          socket().drop(1006);
          await pass(2);
          await welcome();
          return [world.events.filter(([name]) => name === "ended"), socket().sent.slice(1)];
        """)
        assert result == [[["ended", {"stream": "operations"}]], []]


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

    COUNT = """
      const first = world.fetched.length;
      await pass(4.9);
      const second = world.fetched.length;
      await pass(0.2);
      return [first, second, world.fetched.length];
    """  # just before a round, and just after it

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
        assert run(self.LOSE + self.COUNT, self.REST) == [3, 3, 6]

    def test_reads_at_once_after_something_of_the_players_own_doing_and_then_at_its_interval(self, run):
        result = run(self.LOSE + "await pass(3); client.pollNow(); await settle();" + self.COUNT, self.REST)
        assert result == [6, 6, 9]

    def test_reads_nothing_that_the_socket_carries(self, run):
        result = run(
            "client.start(); await welcome(); client.pollNow(); await settle(); return world.fetched;", self.REST
        )
        assert result == []

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
            self.REST.replace("{ rest", '{ system: { streams: ["user", "match", "operations"] }, rest'),
        )
        assert result == ["live", ["/queue", "/queue"]]

    def test_a_stream_that_is_asked_for_is_read_from_then_on_and_no_other_time(self, run):
        result = run(
            self.LOSE
            + """
          const before = world.fetched.length;
          client.subscribe("operations");
          await settle();
          const asked = world.fetched.slice(before);
          client.unsubscribe("operations");
          await pass(5.1);
          return [asked, world.fetched.slice(before + asked.length), world.events.filter(([name]) => name === "change")
            .filter(([, { stream }]) => stream === "operations").length];
        """,
            self.REST.replace('"/queue"', '"/operations": { epoch: "e1", seq: 3, points: {} }, "/queue"'),
        )
        before = ["/queue", "/users/me", "/matches/m"]
        assert result == [[*before, "/operations"], before, 1]
