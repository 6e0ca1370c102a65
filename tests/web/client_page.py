"""The browser's realtime client set up in a page, with clock, chance, sockets and REST in the test's hand."""

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
