"""Parts of the page without a server: its modules, its words, a few elements, and the API in the test's hand."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.web.client_page import ORIGIN, STATIC
from web.words import catalogue

PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Parts</title>
<link rel="icon" href="/icon.svg" data-usual="/icon.svg" data-found="/icon-found.svg">
<link rel="stylesheet" href="/base.css"><link rel="stylesheet" href="/play.css">
<script id="words" type="application/json">{words}</script></head>
<body><main id="main"></main><div id="toast"><p role="status"></p><p role="alert"></p></div>
<p id="heard" class="unseen" role="status"></p></body></html>"""

Answer = tuple[int, Any]
"""A status, and what is answered as JSON."""


def refusal(status: int, code: str, detail: str, attr: str | None = None) -> Answer:
    """An error in the API's form."""
    return status, {"type": "client_error", "errors": [{"code": code, "detail": detail, "attr": attr}]}


class Parts:
    """A page with the modules at hand.

    Attributes:
        page: the page.
        answers: what the API answers, by method and path; without one it is 404.
        asked: each request so far: method, path, body.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, str, Any]] = []

    def handle(self, route: Route) -> None:
        request = route.request
        url = urlsplit(request.url)
        path = url.path.removeprefix("/api") + (f"?{url.query}" if url.query else "")
        self.asked.append((request.method, path, request.post_data_json if request.post_data else None))
        status, body = self.answers.get(f"{request.method} {path}", refusal(404, "not_found", "Not found."))
        route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

    def refuse(self, request: str, status: int, code: str, detail: str, attr: str | None = None) -> None:
        """Have the API refuse a request: `"POST /queue/join"`."""
        self.answers[request] = refusal(status, code, detail, attr)

    def run(self, statements: str, argument: Any = None) -> Any:
        """Run statements, to which `argument` is known, and return what they return."""
        return self.page.evaluate(f"async (argument) => {{ {statements} }}", argument)


@pytest.fixture
def parts(browser: Browser) -> Iterator[Callable[..., Parts]]:
    """Make such a page: `parts()` is in Japanese; `init` is a script that runs before the page's own."""
    made = []

    def make(language: str = "ja", init: str = "", **options: Any) -> Parts:
        context = browser.new_context(**{"viewport": {"width": 390, "height": 700}, "locale": language, **options})
        made.append(context)
        opened = context.new_page()
        if init:
            opened.add_init_script(init)
        new = Parts(opened)
        words = json.dumps(catalogue(language), ensure_ascii=False)

        def serve(route: Route) -> None:
            path = urlsplit(route.request.url).path
            if path == "/":
                route.fulfill(content_type="text/html", body=PAGE.format(language=language, words=words))
            elif path.startswith("/api/"):
                new.handle(route)
            else:
                route.fulfill(path=STATIC / path.removeprefix("/"))

        opened.route(f"{ORIGIN}/**", serve)
        opened.goto(f"{ORIGIN}/")
        return new

    yield make
    for context in made:
        context.close()
