"""The browser's realtime client: connecting, closing and coming back."""

import pytest


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
        assert run(waits, "{ random: 0.999999 }") == [2, 4, 8, 16, 20, 20, 20, 20]

    def test_gives_up_a_link_that_has_gone_silent(self, run):
        result = run("""
          client.start();
          await welcome();
          await pass(19.9);
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
            await pass(19);
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
          await welcome({ expires_at: world.now / 1000 + 90 });
          snapshot("queue", 1, {});
          await pass(19);
          beat({});
          await pass(19);
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

    def test_gives_up_a_link_that_was_silent_while_the_device_slept(self, run):
        result = run("""
          client.start();
          await welcome();
          client.hurry();
          const awake = world.sockets.length;
          world.now += 60_000;  // and no timer ran
          client.hurry();
          await settle();
          return [awake, world.sockets[0].closed, world.sockets.length];
        """)
        assert result == [1, True, 2]

    def test_takes_a_link_for_dead_when_told_that_the_network_is_gone(self, run):
        result = run("""
          client.start();
          await welcome();
          client.lose();
          client.lose();
          const lost = [client.state, world.sockets[0].closed];
          await pass(1);
          return [...lost, world.sockets.length];
        """)
        assert result == ["reconnecting", True, 2]

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

    @pytest.mark.parametrize(
        ("reason", "told"),
        [("the origin of this page is not allowed", "origin"), ("this account is banned or deleted", 4403)],
    )
    def test_a_page_at_a_foreign_address_is_told_from_an_account_that_is_shut_out(self, run, reason, told):
        events = run(f"client.start(); await settle(); socket().drop(4403, '{reason}'); return world.events;")
        assert events[-1] == ["refused", {"code": told}]

    @pytest.mark.parametrize("code", [4400, 4403, 1009])
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

    @pytest.mark.parametrize("code", [1006, 1012, 4408, 4429])
    def test_any_other_end_is_followed_by_a_return(self, run, code):
        result = run(
            f"client.start(); await welcome(); socket().drop({code}); await pass(2); return world.sockets.length;"
        )
        assert result == 2

    def test_one_connection_too_many_comes_back_later_and_reads_meanwhile(self, run):
        result = run(
            """
          client.start();
          await welcome();
          socket().drop(4409, "too many connections");
          await settle();
          const told = world.events.filter(([name]) => name !== "change").at(-1);
          await pass(14);
          const early = world.sockets.length;
          await pass(8);
          const late = world.sockets.length;
          await welcome();
          return [told, world.fetched.slice(0, 2), early, late, world.events.at(-1),
                  world.events.filter(([name]) => name === "refused")];
        """,
            '{ rest: { "/queue": { epoch: "e1", seq: 7 }, "/users/me": { epoch: "e1", seq: 2, user_id: "me" } } }',
        )
        assert result == [
            ["state", {"state": "polling", "refused": 4409}],
            ["/queue", "/users/me"],
            1,
            2,
            ["state", {"state": "live", "refused": None}],
            [],
        ]

    def test_who_does_not_wait_for_that_comes_back_at_once(self, run):
        result = run("""
          client.start();
          await welcome();
          socket().drop(4409);
          client.start();
          await welcome();
          await pass(19);
          return [world.sockets.length, client.state, client.refused];
        """)
        assert result == [2, "live", None]

    def test_a_restarting_server_names_the_time_to_return_at(self, run):
        result = run("""
          client.start();
          await welcome();
          socket().drop(1012, "the server restarts; come back in 7.3 s");
          await pass(7.2);
          const early = world.sockets.length;
          await pass(0.2);
          return [early, world.sockets.length];
        """)
        assert result == [1, 2]
