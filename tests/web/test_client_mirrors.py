"""The browser's realtime client: patches, gaps and matches."""

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

    @pytest.mark.parametrize("frames", [["user", "match"], ["match", "user"]], ids=" then ".join)
    def test_a_match_found_while_there_was_no_link_is_told_of_once(self, run, frames):
        """It comes as `matchInfo` then; no match but the player's own is theirs, nor one that is over."""
        result = run(
            f"const NAMES = {frames};"
            + """
          client.start();
          await welcome();
          snapshot("user_me", 1, { queue: {} }, "e1", "userInfo");
          socket().drop(1006);
          await pass(2);
          await welcome();
          snapshot("match_other", 1, { match_id: "other", status: "matched" }, "e1", "matchInfo");
          const frames = {
            user: () => snapshot("user_me", 2, { match_id: "m" }, "e1", "userInfo"),
            match: () => snapshot("match_m", 1, { match_id: "m", status: "matched" }, "e1", "matchInfo"),
          };
          for (const name of NAMES) frames[name]();
          const found = () => world.events.filter(([name]) => name === "match_found").map(([, { stream }]) => stream);
          const first = found();
          update("match_m", 1, 2, { phase: "joining" });
          socket().drop(1006);
          await pass(2);
          await welcome();
          snapshot("match_m", 3, { match_id: "m", status: "matched" }, "e1", "match_found");
          update("match_m", 3, 4, { status: "done" });
          snapshot("user_me", 5, { match_id: "old" }, "e1", "userInfo");
          snapshot("match_old", 9, { match_id: "old", status: "done" }, "e1", "matchInfo");
          return [first, found()];
        """
        )
        assert result == [["match_m"], ["match_m"]]

    def test_more_matches_than_may_be_named_are_cut_to_what_is_not_over_and_the_newest(self, run):
        result = run("""
          client.start();
          await welcome();
          for (let n = 0; n < 80; n += 1) {
            const status = n === 3 ? "matched" : "done";
            snapshot(`match_${n}`, 1, { match_id: String(n), status }, "e1", "matchInfo");
          }
          snapshot("queue", 1, {});
          snapshot("user_me", 1, { match_id: "3" });
          socket().drop(1006);
          await pass(2);
          await welcome();
          const named = Object.keys(socket().sent[0].have);
          const first = ["queue", "user_me", "match_3", "match_79", "match_20"];
          return [named.length, first.map((each) => named.includes(each)), named.includes("match_4")];
        """)
        assert result == [64, [True] * 5, False]

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
