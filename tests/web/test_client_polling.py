"""The browser's realtime client: reading over REST where there is no socket."""

import pytest


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

    REFUSALS = ("{ status: 404 }", "{ status: 429, retryAfter: 12 }", "{ status: 500 }", "{ status: 0 }", "null")

    @pytest.mark.parametrize("refusal", REFUSALS)
    @pytest.mark.parametrize("path", ["/queue", "/users/me", "/matches/m", "/operations"])
    def test_what_befalls_one_stream_is_nothing_to_the_others(self, run, path, refusal):
        result = run(
            self.LOSE
            + f"""
          client.subscribe("operations");
          await settle();
          for (const [path, body] of Object.entries(world.rest)) world.rest[path] = {{ ...body, seq: body.seq + 1 }};
          world.rest["{path}"] = {refusal};
          await pass(5.1);
          const seqs = ["queue", "user_me", "match_m", "operations"].map((stream) => client.mirrors.seq(stream));
          return [client.state, seqs];
        """,
            self.REST.replace('"/queue"', '"/operations": { epoch: "e1", seq: 3, points: {} }, "/queue"'),
        )
        before = {"/queue": 7, "/users/me": 2, "/matches/m": 1, "/operations": 3}
        own = path not in ("/queue", "/users/me") and refusal == "{ status: 404 }"  # not the reader's any more
        after = [(None if own else seq) if each == path else seq + 1 for each, seq in before.items()]
        assert result == ["polling", after]

    def test_who_is_asked_to_wait_does(self, run):
        result = run(
            self.LOSE
            + """
          world.rest["/queue"] = { status: 429, retryAfter: 12 };
          await pass(5.1);
          const asked = () => world.fetched.filter((path) => path === "/queue").length;
          const before = asked();
          await pass(10);
          const during = asked();
          world.rest["/queue"] = { epoch: "e1", seq: 8, total: 4 };
          await pass(5);
          return [during - before, asked() - before, client.mirrors.data("queue").total];
        """,
            self.REST,
        )
        assert result == [0, 1, 4]

    def test_who_is_asked_to_wait_for_a_day_does_for_a_minute(self, run):
        result = run(
            self.LOSE
            + """
          world.rest["/queue"] = { status: 429, retryAfter: 86400 };
          await pass(5.1);
          const asked = () => world.fetched.filter((path) => path === "/queue").length;
          const before = asked();
          await pass(50);
          const during = asked();
          await pass(15);
          return [during - before, asked() - before];
        """,
            self.REST,
        )
        assert result == [0, 1]

    def test_a_match_that_is_gone_is_told_of_and_read_no_more_but_the_own_one(self, run):
        result = run(
            self.LOSE
            + """
          world.rest["/users/me"] = { epoch: "e1", seq: 3, user_id: "me" };
          world.rest["/matches/m"] = { status: 404 };
          await pass(20);
          const ended = world.events.filter(([name]) => name === "ended").map(([, { stream }]) => stream);
          return [ended, world.fetched.slice(-2)];
        """,
            self.REST,
        )
        assert result == [["match_m"], ["/queue", "/users/me"]]

    def test_says_offline_when_nothing_brings_anything(self, run):
        result = run(
            self.LOSE
            + """
          for (const path of Object.keys(world.rest)) world.rest[path] = { status: 429 };
          await pass(5.1);
          return client.state;
        """,
            self.REST,
        )
        assert result == "offline"

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

    def test_a_type_that_is_not_pushed_is_read_while_the_socket_lives(self, run):
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


class TestAServerThatMayBeBehind:
    UNCERTAIN = """
      client.start();
      await welcome();
      snapshot("queue", 3, { total: 1 });
      socket().say({ action: "heartbeat", heads: { queue: 2 }, uncertain: true });
      await settle();
      await pass(2);
    """

    def test_is_not_relied_upon_while_it_says_so(self, run):
        result = run(
            self.UNCERTAIN
            + """
          const [during, asked] = [[...world.fetched], socket().sent.length];
          const read = client.mirrors.data("queue");
          beat({ queue: 7 });
          await pass(9);
          return [during, asked, read, client.state, world.fetched.length, socket().sent.length];
        """,
            TestPolling.REST,
        )
        assert result == [["/queue", "/users/me", "/matches/m"], 1, {"total": 3}, "live", 3, 1]

    def test_is_told_from_one_that_is_gone_where_others_answer_nothing_either(self, run):
        result = run(
            self.UNCERTAIN
            + """
          const during = client.state;
          beat({ queue: 3 });
          return [during, client.state];
        """,
            "{ rest: {} }",
        )
        assert result == ["reconnecting", "live"]


class TestAnAnswerThatTheSocketHasOvertaken:
    """While a server may be behind, REST is read beside the socket: an answer may come after a newer frame."""

    ASKED = """
      let answer, refuse;
      const late = new Promise((resolve, reject) => { [answer, refuse] = [resolve, reject]; });
      client.start();
      client.subscribe("operations");
      await welcome();
      snapshot("queue", 3, { total: 1 });
      snapshot("operations", 1, { points: 1 });
      world.rest = {
        "/queue": { epoch: "e1", seq: 3 }, "/users/me": { epoch: "e1", seq: 2, user_id: "me" },
        "/operations": { epoch: "e1", seq: 1 }, [PATH]: late,
      };
      socket().say({ action: "heartbeat", heads: {}, uncertain: true });
      await settle();
    """  # the answer from PATH is still to come

    @pytest.fixture
    def run_asked(self, run):
        return lambda path, statements: run(f'const PATH = "{path}";' + self.ASKED + statements)

    def test_does_not_set_a_stream_back_whose_numbering_has_begun_anew(self, run_asked):
        result = run_asked(
            "/queue",
            """
          snapshot("queue", 1, { total: 9 }, "e2");
          answer({ epoch: "e1", seq: 7, total: 3 });
          await settle();
          const overtaken = client.mirrors.data("queue");
          world.rest["/queue"] = { epoch: "e3", seq: 1, total: 4 };
          await pass(5.1);
          return [overtaken, client.mirrors.data("queue")];
        """,
        )
        assert result == [{"total": 9}, {"total": 4}]  # the next round is newer than the frame

    @pytest.mark.parametrize(("seq", "total"), [(4, 9), (5, 9), (7, 3)])
    def test_counts_by_its_number_where_the_numbering_is_the_same(self, run_asked, seq, total):
        result = run_asked(
            "/queue",
            f"""
          snapshot("queue", 5, {{ total: 9 }});
          answer({{ epoch: "e1", seq: {seq}, total: 3 }});
          await settle();
          return client.mirrors.data("queue");
        """,
        )
        assert result == {"total": total}

    def test_does_not_bring_back_what_was_given_up(self, run_asked):
        result = run_asked(
            "/operations",
            """
          client.unsubscribe("operations");
          answer({ epoch: "e1", seq: 7, points: 3 });
          await settle();
          return client.mirrors.data("operations");
        """,
        )
        assert result is None

    def test_does_not_bring_back_what_the_server_has_ended(self, run_asked):
        result = run_asked(
            "/operations",
            """
          socket().say({ action: "unsubscribed", stream: "operations" });
          answer({ epoch: "e1", seq: 7, points: 3 });
          await settle();
          return client.mirrors.data("operations");
        """,
        )
        assert result is None

    def test_does_not_end_a_stream_by_a_refusal(self, run_asked):
        result = run_asked(
            "/operations",
            """
          snapshot("operations", 2, { points: 2 });
          refuse({ status: 403 });
          await settle();
          const overtaken = client.mirrors.data("operations");
          world.rest["/operations"] = { status: 403 };
          await pass(5.1);
          return [overtaken, client.mirrors.data("operations")];
        """,
        )
        assert result == [{"points": 2}, None]  # the next round is newer than the frame
