"""The browser's realtime client with the stream types of another project, and streams of types that nobody declared."""

import json

import pytest
from playwright.sync_api import expect

from realtime.streams import STREAM_TYPES

# A project with no queue, no user and no match: news for everyone, members, and the tournaments that they are in.
TOY = """{
  system: { streams: ["news", "member", "tournament"] },
  rest: {
    "/news": { epoch: "e1", seq: 1, text: "hello" },
    "/member": { epoch: "e1", seq: 1, member_id: "me", tournament_id: "own" },
    "/tournaments/own": { epoch: "e1", seq: 4, round: 1, winner: null },
  },
  streamTypes: {
    news: { audience: "everyone", path: () => "/news" },
    member: { audience: "owner", keyField: "member_id", path: () => "/member" },
    tournament: {
      audience: "admitted",
      keyField: "tournament_id",
      path: (key) => `/tournaments/${key}`,
      isOver: ({ winner }) => winner !== undefined,
      found: "tournament_found",
    },
  },
}"""
HELPERS = """
  const WELCOME = { streams: ["news", "member_me"] };
  const tournament = (key, seq, data, action = "tournamentInfo") =>
    snapshot(`tournament_${key}`, seq, data, "e1", action);
  const sent = () => socket().sent.slice(1);
  const told = (...names) =>
    world.events.filter(([name]) => names.includes(name)).map(([name, { stream, data }]) => [name, stream, data]);
"""
LIVE = HELPERS + "client.start(); await welcome(WELCOME);"
LOSE = (
    HELPERS
    + """
  client.start();
  await settle();
  socket().drop(1006);
  await pass(1.1);
  socket().drop(1006);
  await settle();
"""
)


def test_the_table_of_the_page_says_the_same_as_the_servers_declarations(page):
    rows = page.evaluate("""async () => {
      const { STREAM_TYPES } = await import("/streams.js");
      return Object.entries(STREAM_TYPES).map(([name, row]) =>
        [name, row.audience, row.keyField ?? null, row.found ?? null]);
    }""")
    declared = [STREAM_TYPES[name] for name, *_ in rows]
    found = [None if each.found == each.snapshot else each.found for each in declared]
    assert rows == [
        [each.name, each.audience.name.lower(), each.key_field, own] for each, own in zip(declared, found, strict=True)
    ]


class TestATypeOfAnotherProject:
    @pytest.fixture
    def toy(self, run):
        return lambda statements: run(statements, TOY)

    def test_the_frames_that_subscribe_and_unsubscribe_name_the_key_by_the_types_field(self, toy):
        result = toy(
            LIVE
            + """
          client.subscribe("tournament_7_a");
          tournament("7_a", 1, { round: 1 });
          client.unsubscribe("tournament_7_a");
          client.subscribe("news");
          return [sent(), client.mirrors.data("tournament_7_a")];
        """
        )
        key = {"tournament_id": "7_a"}
        frames = [{"action": "subscribeTournament", **key}, {"action": "unsubscribeTournament", **key}]
        assert result == [[*frames, {"action": "subscribeNews"}], None]

    def test_a_stream_is_mirrored_from_its_snapshot_and_updates(self, toy):
        result = toy(
            LIVE
            + """
          client.subscribe("tournament_a");
          tournament("a", 1, { round: 1, players: { x: {} } });
          update("tournament_a", 1, 2, { round: 2, players: { x: null, y: {} } });
          return [client.mirrors.data("tournament_a"), told("change").map(([, stream]) => stream), world.fetched];
        """
        )
        assert result == [{"round": 2, "players": {"y": {}}}, ["tournament_a"] * 2, []]

    @pytest.mark.parametrize(
        "miss", ['update("tournament_a", 2, 3, { round: 3 });', "beat({ tournament_a: 3 }); await pass(1.1);"]
    )
    def test_what_was_missed_is_asked_for(self, toy, miss):
        result = toy(f'{LIVE} tournament("a", 1, {{ round: 1 }}); {miss} return sent();')
        assert result == [{"action": "resync", "stream": "tournament_a"}]

    def test_a_stream_that_nobody_asked_for_is_mirrored_and_told_of_once(self, toy):
        result = toy(
            LIVE
            + """
          tournament("own", 1, { round: 1 }, "tournament_found");
          snapshot("member_me", 1, { tournament_id: "own" });
          update("tournament_own", 1, 2, { round: 2 });
          return [told("tournament_found"), client.mirrors.data("tournament_own"), sent()];
        """
        )
        assert result == [[["tournament_found", "tournament_own", {"round": 1}]], {"round": 2}, []]

    def test_a_stream_given_while_there_was_no_link_is_told_of_unless_it_is_over(self, toy):
        result = toy(
            LIVE
            + """
          tournament("other", 1, { round: 1 });
          tournament("past", 1, { winner: "x" });
          snapshot("member_me", 1, { tournament_id: "past" });
          snapshot("member_me", 2, { tournament_id: "own" });
          tournament("own", 1, { round: 1 });
          return told("tournament_found").map(([, stream]) => stream);
        """
        )
        assert result == ["tournament_own"]

    def test_one_that_the_player_is_not_entitled_to_any_more_ends(self, toy):
        result = toy(
            LIVE
            + """
          client.subscribe("tournament_a");
          tournament("a", 1, { round: 1 });
          socket().say({ action: "unsubscribed", stream: "tournament_a", tournament_id: "a" });
          socket().drop(1006);
          await pass(2);
          await welcome(WELCOME);
          return [told("ended").map(([, stream]) => stream), client.mirrors.data("tournament_a"), sent()];
        """
        )
        assert result == [["tournament_a"], None, []]

    def test_what_is_held_or_wanted_is_taken_up_again_on_the_next_socket(self, toy):
        result = toy(
            LIVE
            + """
          client.subscribe("tournament_a");
          client.subscribe("tournament_b");
          tournament("a", 5, { round: 1 });
          socket().drop(1006);
          await pass(2);
          await welcome(WELCOME);
          return socket().sent.map(({ token, ...frame }) => frame);
        """
        )
        have = {"tournament_a": {"epoch": "e1", "seq": 5}}
        again = {"action": "subscribeTournament", "tournament_id": "b"}
        assert result == [{"action": "authenticate", "have": have}, again]

    def test_it_is_polled_where_the_table_says_while_there_is_no_socket(self, toy):
        """The own one, which the member's state names; those asked for; none that is over."""
        result = toy(
            LOSE
            + """
          const first = [...world.fetched];
          world.rest["/tournaments/a"] = { epoch: "e1", seq: 1, round: 3 };
          client.subscribe("tournament_a");
          await settle();
          const second = world.fetched.slice(first.length);
          world.rest["/tournaments/own"] = { epoch: "e1", seq: 5, winner: "x" };
          world.rest["/tournaments/a"] = { status: 403 };
          world.rest["/member"] = { epoch: "e1", seq: 2, member_id: "me" };
          await pass(5.1);
          const before = world.fetched.length;
          await pass(5.1);
          const streams = ["news", "member_me", "tournament_own", "tournament_a"];
          return [client.state, client.userId, first, second, world.fetched.slice(before),
                  streams.map((stream) => client.mirrors.data(stream)),
                  told("tournament_found", "ended").map(([name, stream]) => [name, stream])];
        """
        )
        every = ["/news", "/member"]
        data = [{"text": "hello"}, {"member_id": "me"}, {"winner": "x"}, None]
        told = [["tournament_found", "tournament_own"], ["ended", "tournament_a"]]
        own = [*every, "/tournaments/own"]
        assert result == ["polling", "me", own, [*own, "/tournaments/a"], every, data, told]

    def test_a_type_that_is_not_pushed_is_polled_while_the_socket_lives(self, run):
        result = run(
            LIVE + 'snapshot("member_me", 1, { tournament_id: "own" }); await pass(5.1); return world.fetched;',
            TOY.replace('"member", "tournament"]', '"member"]'),
        )
        assert result == ["/tournaments/own"]

    def test_the_types_of_this_page_mean_nothing_to_it(self, toy):
        result = toy(
            LIVE
            + """
          snapshot("match_m", 1, { match_id: "m", status: "matched" }, "e1", "match_found");
          return [client.mirrors.streams(), told("change", "match_found")];
        """
        )
        assert result == [[], []]


class TestAnUnknownStream:
    """A newer server may have types that an open page has never heard of."""

    NAMES = ("tournament_a", "tournament", "queue_a", "match", "match_", "constructor", "__proto__", "")

    @pytest.mark.parametrize("name", NAMES)
    def test_no_frame_of_it_is_kept_answered_or_told_of(self, run, name):
        result = run(
            f"const NAME = {json.dumps(name)};"
            + """
          client.start();
          await welcome();
          const before = world.events.length;
          socket().say({ action: "tournament_found", stream: NAME, epoch: "e1", seq: 1, data: { status: "matched" } });
          update(NAME, 1, 2, { round: 2 });
          update(NAME, 5, 6, { round: 6 });
          beat({ [NAME]: 6, queue: 0 });
          await pass(1.1);
          socket().say({ action: "unsubscribed", stream: NAME });
          const after = world.events.length;
          snapshot("queue", 1, { total: 1 });
          return [after - before, client.mirrors.streams(), resyncs(), client.state];
        """
        )
        assert result == [0, ["queue"], ["queue"], "live"]

    def test_a_frame_of_an_unknown_form_is_passed_over(self, run):
        result = run("""
          client.start();
          await welcome();
          const frames = [{ action: "news", data: 1 }, { action: "news", changes: {} }, { action: "unsubscribed" }, {}];
          for (const frame of frames) socket().say(frame);
          return [client.mirrors.streams(), client.state];
        """)
        assert result == [[], "live"]

    def test_it_cannot_be_asked_for(self, run):
        result = run("""
          client.start();
          await welcome();
          try { client.subscribe("tournament_a"); } catch (error) { return [error.name, socket().sent.length]; }
        """)
        assert result == ["RangeError", 1]

    def test_the_page_shows_nothing_of_it_and_goes_on(self, world):
        page = world.live()
        world.match()
        expect(page.locator("#play .match")).to_be_visible()

        def say(action, **fields):
            frame = {"action": action, "stream": "tournament_t", "epoch": "e", **fields}
            world.sockets[-1].send(json.dumps(frame))

        document = {"match_id": "t", "tournament_id": "t", "status": "matched", "phase": "lobby", "players": {}}
        say("tournament_found", seq=1, data=document)
        say("tournamentUpdate", seq=2, prev=1, changes={"round": 2})
        say("tournamentUpdate", seq=9, prev=7, changes={"round": 9})
        world.change("queue", total_waiting=3)
        state = """async () => {
          const { store } = await import("/static/web/store.js");
          return [store.state.queue.total_waiting, Object.keys(store.state.matches), "tournament" in store.state];
        }"""
        page.wait_for_function(
            "import('/static/web/store.js').then(({ store }) => store.state.queue.total_waiting === 3)"
        )
        assert page.evaluate(state) == [3, ["m"], False]
        say("unsubscribed")
        world.change("queue", total_waiting=4)
        page.wait_for_function(
            "import('/static/web/store.js').then(({ store }) => store.state.queue.total_waiting === 4)"
        )
        assert page.evaluate(state) == [4, ["m"], False]
        expect(page.locator("#play .match")).to_be_visible()
        assert "resync" not in world.sent
