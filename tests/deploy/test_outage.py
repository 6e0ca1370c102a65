"""PostgreSQL away for a while, under a worker that goes on running."""

from pathlib import Path

import httpx
import pytest

from tests.deploy import site

pytestmark = pytest.mark.postgres


def test_a_worker_says_that_it_cannot_serve_and_does_so_again_at_the_first_question():
    with site.running(workers=1) as running:
        (port,) = running.ports
        running.shut_database()
        try:
            # It waits for a session as long as it may, 10 s.
            answer = httpx.get(f"http://127.0.0.1:{port}/api/queue", timeout=30, trust_env=False)
        finally:
            running.open_database()
        assert site.ready(port)
        told = Path(running.log.name).read_text()
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    assert told.count("the database cannot be reached: PoolTimeout") == 1
