"""The browser's realtime client with one more row in its table of stream types, at a real server that has the type."""

import pytest

from tests.web.browser import browser as browser  # the fixture

START = """
  const { RealtimeClient } = await import("/static/web/client.js");
  const { STREAM_TYPES } = await import("/static/web/streams.js");
  const tournament = {
    audience: "admitted",
    keyField: "tournament_id",
    path: (id) => `/tournaments/${id}`,
    found: "tournament_found",
  };
  const fetchJson = async (path) => {
    const answer = await fetch(`/api${path}`, { headers: { Authorization: `Bearer ${token}` } });
    if (!answer.ok) throw Object.assign(new Error(path), { status: answer.status });
    return answer.json();
  };
  window.found = [];
  window.client = new RealtimeClient({
    streamTypes: { ...STREAM_TYPES, tournament },
    loadSystem: () => fetchJson("/system"),
    fetchJson,
    token: async () => token,
    ...needs,
  });
  client.addEventListener("tournament_found", ({ detail }) => found.push(detail.stream));
  client.start();
"""
NO_SOCKET = "{ WebSocket: class { constructor() { throw new DOMException('none', 'SecurityError'); } } }"


@pytest.fixture
def page(browser, site):
    """A page of the site's origin, without the site's own scripts."""
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{site.url}/livez")
    yield page
    context.close()


@pytest.fixture
def start(page):
    """Start a client for the owner of a token: `start(token)`; its state is awaited with `shows`."""
    return lambda token, needs="{}": page.evaluate(f"async (token) => {{ const needs = {needs}; {START} }}", token)


@pytest.fixture
def shows(page):
    return lambda condition, argument=None: page.wait_for_function(f"(stream) => {condition}", arg=argument)


ROUNDS = "client.mirrors.data(stream)?.rounds"


def test_it_subscribes_and_follows(page, start, shows, sign_in, make, play):
    tournament_id = make()
    stream = f"tournament_{tournament_id}"
    start(sign_in("Ann")[1])
    page.evaluate("(stream) => client.subscribe(stream)", stream)
    shows(f"client.state === 'live' && {ROUNDS} === 0", stream)
    play(tournament_id)
    shows(f"{ROUNDS} === 1", stream)
    page.evaluate("(stream) => client.unsubscribe(stream)", stream)
    assert page.evaluate("(stream) => client.mirrors.data(stream)", stream) is None


def test_it_is_given_what_the_players_own_stream_names(page, start, shows, sign_in, make, play):
    _, token, user_id = sign_in("Host")
    start(token)
    shows("client.state === 'live' && client.mirrors.data(stream) !== null", f"user_{user_id}")
    tournament_id = make(user_id)
    shows("found.includes(stream)", f"tournament_{tournament_id}")
    play(tournament_id)
    shows(f"{ROUNDS} === 1", f"tournament_{tournament_id}")


def test_without_a_socket_it_polls_both_what_it_asked_for_and_what_is_its_own(start, shows, page, sign_in, make, play):
    _, token, user_id = sign_in("Far away")
    own, other = make(user_id), make()
    start(token, NO_SOCKET)
    page.evaluate("(stream) => client.subscribe(stream)", f"tournament_{other}")
    for tournament_id in (own, other):
        shows(f"client.state === 'polling' && {ROUNDS} === 0", f"tournament_{tournament_id}")
        play(tournament_id)
        shows(f"{ROUNDS} === 1", f"tournament_{tournament_id}")
    assert page.evaluate("found") == [f"tournament_{own}"]
