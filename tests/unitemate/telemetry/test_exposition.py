"""`/metrics`: for this machine, or for whoever has the token."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from realtime.telemetry.instruments import INSTRUMENTS

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-thirty-two-characters"


def families(text: str) -> set[str]:
    return {family.name for family in text_string_to_metric_families(text)}


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.8.8.8"])
def test_it_is_open_to_this_machine(client, address):
    answer = client.get("/metrics", REMOTE_ADDR=address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["Cache-Control"].startswith("max-age=0")
    assert families(answer.text) >= {name.removesuffix("_total") for name in INSTRUMENTS}


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "", "unix"])
def test_it_is_closed_to_others(client, address):
    answer = client.get("/metrics", REMOTE_ADDR=address)
    assert (answer.status_code, "unitemate" in answer.text) == (403, False)


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via"])
def test_who_comes_through_a_proxy_is_not_this_machine(client, header):
    answer = client.get("/metrics", headers={header: "127.0.0.1"})
    assert (answer.status_code, "unitemate" in answer.text) == (403, False)


class TestWithAToken:
    @pytest.fixture(autouse=True)
    def token(self, settings):
        settings.METRICS_TOKEN = TOKEN

    @pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.7"])
    def test_it_is_open_to_whoever_has_it(self, client, address):
        answer = client.get("/metrics", REMOTE_ADDR=address, headers={"Authorization": f"Bearer {TOKEN}"})
        assert (answer.status_code, "unitemate" in answer.text) == (200, True)

    @pytest.mark.parametrize("sent", [None, "", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer", "Bearer é"])
    def test_it_is_closed_to_others_even_on_this_machine(self, client, sent):
        answer = client.get("/metrics", headers={"Authorization": sent} if sent is not None else {})
        assert (answer.status_code, "unitemate" in answer.text) == (401, False)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_nothing_can_be_written_to_it(client):
    assert client.post("/metrics").status_code == 405


def test_it_comes_past_the_proxy_that_speaks_tls(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/metrics").status_code == 200
