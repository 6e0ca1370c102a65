"""The doctor at a server without a proxy: each fault that can be made there, and none."""

import asyncio
import io
import json
import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from realtime.database import pooling
from realtime.models import DirtyStream
from tests.backend import free_port
from tests.deploy.proxy import write_certificate
from tests.unitemate.doctor.examined import examined, failing, skipped
from tests.waiting import on_database
from unitemate.doctor import service, sockets
from unitemate.doctor.cases import Case, Outcome
from unitemate.serving import health
from users.models import User
from users.tokens import issue_dev_token, verify

pytestmark = pytest.mark.sqlite  # on PostgreSQL, with real faults: tests/deploy/test_doctor.py


@pytest.fixture(autouse=True)
def long_transaction(settings, monkeypatch):
    settings.REALTIME_HEARTBEAT = 0.5
    monkeypatch.setattr(sockets, "PROMPT", 15.0)  # a busy machine is no failure


async def test_all_is_well(server):
    found = await examined(server.url, name="Doctor")
    assert failing(found) == []
    assert skipped(found) == ["certificate", "provider's keys"]
    assert "101 from 127.0.0.1" in found["handshake"].detail
    assert "ms after its commit" in found["push"].detail


async def test_the_account_is_left_as_it_was(server):
    @on_database
    def bio(new: str | None = None) -> str:
        users = User.objects.filter(trainer_name="Doctor")
        if new is not None:
            users.update(bio=new)
        return users.get().bio

    assert failing(await examined(server.url, name="Doctor")) == []
    assert await bio() == ""
    await bio("I play support.")
    assert failing(await examined(server.url, name="Doctor")) == []
    assert await bio() == "I play support."


async def test_read_only_changes_nothing(server, monkeypatch):
    async def write(*_):
        raise AssertionError

    monkeypatch.setattr(sockets, "_write", write)
    found = await examined(server.url, name="Doctor", changes=False)
    assert failing(found) == []
    assert "no change was made" in found["push"].detail


async def test_without_a_token_it_goes_as_far_as_anybody_can(server):
    found = await examined(server.url)
    assert failing(found) == []
    assert skipped(found)[-5:] == ["token", "authenticate", "subscribe", "push", "heartbeat"]


# --- below HTTP -----------------------------------------------------------------------------------


async def test_a_name_that_nobody_has():
    found = await examined("http://no-such-host.invalid")
    assert failing(found) == ["resolve"]
    assert {finding.outcome for finding in found.values()} == {Outcome.FAILED, Outcome.SKIPPED}


async def test_a_port_at_which_nobody_listens():
    found = await examined(f"http://127.0.0.1:{free_port()}", name="Doctor")
    assert failing(found) == ["connect"]
    assert "nginx" in found["connect"].remedy


@contextmanager
def tls_server(folder, **certificate):
    """A server that does nothing but shake hands."""
    write_certificate(folder / "cert.pem", folder / "key.pem", **certificate)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                link, _ = listening.accept()
                context.wrap_socket(link, server_side=True).close()
            except ssl.SSLError:
                pass
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{listening.getsockname()[1]}", folder / "cert.pem"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


@pytest.mark.parametrize(
    ("certificate", "trusted", "seen"),
    [
        ({}, False, "self-signed certificate"),
        ({"name": "other.example"}, True, "Hostname mismatch"),
        ({"lasts": timedelta(days=-1)}, True, "certificate has expired"),
        ({"lasts": timedelta(days=3)}, True, "the certificate ends in"),
    ],
)
async def test_a_certificate_that_browsers_refuse_or_soon_will(tmp_path, certificate, trusted, seen):
    with tls_server(tmp_path, **certificate) as (url, authority):
        tls = ssl.create_default_context(cafile=str(authority) if trusted else None)
        found = await examined(url, tls=tls)
    assert failing(found) == ["certificate"]
    assert seen in found["certificate"].detail


async def test_plain_http_where_tls_is_expected(server):
    found = await examined(server.url.replace("http", "https"))
    assert failing(found) == ["certificate"]
    assert "no TLS" in found["certificate"].detail


# --- the server -----------------------------------------------------------------------------------


async def test_something_else_at_the_address(server):
    found = await examined(server.url.replace("127.0.0.1", "localhost"))
    assert failing(found) == []
    found = await examined(server.url.replace("127.0.0.1", "127.0.0.2"))
    assert failing(found) == ["connect"]


async def test_a_name_that_the_server_does_not_know(server, settings):
    settings.ALLOWED_HOSTS = ["play.example.com"]
    found = await examined(server.url)
    assert "livez" in failing(found)
    assert "ALLOWED_HOSTS" in found["livez"].remedy


async def test_a_worker_on_its_way_out(server):
    server.call(server.engine.send_away)
    found = await examined(server.url, name="Doctor")
    assert failing(found) == ["draining", "origin"]
    assert "on its way out" in found["origin"].cause


async def test_a_stream_that_is_switched_off(server, settings):
    settings.REALTIME_PUSH = settings.REALTIME_PUSH | {"match": False}
    found = await examined(server.url, name="Doctor")
    assert failing(found) == ["system"]
    assert "REALTIME_MATCH_PUSH" in found["system"].remedy


async def test_changes_that_nobody_publishes(server, monkeypatch):
    monkeypatch.setattr(health, "STALE", 0.2)
    monkeypatch.setattr(sockets, "LATE", 0.5)
    server.call(server.engine.relay.stop)
    await on_database(DirtyStream.objects.create)(stream="queue")
    found = await examined(server.url, name="Doctor")
    assert failing(found) == ["outbox", "push"]
    assert "relay" in found["push"].cause


async def test_a_host_whose_clock_is_wrong(server, monkeypatch):
    monkeypatch.setattr(health.clock, "measure_offset", lambda: (90.0, 0.1))
    found = await examined(server.url, name="Doctor")
    assert failing(found) == ["clock"]
    assert "this host's clock is 90 s behind the database's" in found["clock"].detail
    assert "timedatectl" in found["clock"].remedy


async def test_a_pooler_that_hands_sessions_on(server, monkeypatch):
    async def shared():
        raise health._Failing(pooling.PROBLEM)

    monkeypatch.setattr(health, "_database", shared)
    found = await examined(server.url)
    assert failing(found) == ["database"]
    assert "pool_mode = session" in found["database"].remedy


async def test_a_push_that_comes_late(server, monkeypatch):
    monkeypatch.setattr(sockets, "PROMPT", 0.0)
    found = await examined(server.url, name="Doctor")
    assert failing(found) == ["push"]
    assert "channel layer" in found["push"].cause


async def test_a_socket_that_falls_silent(server, monkeypatch):
    monkeypatch.setattr(sockets, "HEARTBEAT_MARGIN", 0.2)
    server.call(server.engine.heartbeats.stop)
    found = await examined(server.url, name="Doctor")
    assert failing(found) == ["heartbeat"]


async def test_workers_of_different_versions(server, monkeypatch):
    case = Case(server.url)
    await service.system(case)
    assert "python" in await service.versions(case)
    case.system["versions"]["release"] = "of yesterday"
    with pytest.raises(service.Fault) as caught:
        await service.versions(case)
    assert "of yesterday" in caught.value.detail
    await case.close()


# --- what the server takes the client for ----------------------------------------------------------


async def proxy_hop(url: str, monkeypatch, site: str, **system: str) -> str:
    """What the hop finds of a site at this address whose server says this of the request."""

    async def addresses(case):
        return [site]

    monkeypatch.setattr(service, "_addresses", addresses)
    case = Case(url)
    await service.system(case)
    case.system |= system
    try:
        return await service.proxy(case)
    except service.Fault as fault:
        return fault.remedy
    finally:
        await case.close()


PUBLIC, INNER = "93.184.215.14", "10.0.0.7"


@pytest.mark.parametrize(
    ("site", "address", "is_well"),
    [(PUBLIC, "8.8.8.8", True), (INNER, INNER, True), (PUBLIC, "127.0.0.1", False), (PUBLIC, INNER, False)],
)
async def test_the_address_of_a_proxy_is_noticed(server, monkeypatch, site, address, is_well):
    found = await proxy_hop(server.url, monkeypatch, site, address=address)
    assert ("X-Forwarded-For" not in found) is is_well


async def test_a_name_of_the_proxys_own_is_noticed(server, monkeypatch):
    found = await proxy_hop(server.url, monkeypatch, INNER, socket_url="ws://unitemate/ws/")
    assert "Host $host" in found


async def test_a_forged_address_that_is_believed_is_noticed(server, monkeypatch):
    monkeypatch.setattr(service, "FORGED", "127.0.0.1")  # the one that any answer here names
    assert "never *" in await proxy_hop(server.url, monkeypatch, INNER)


# --- who is asking --------------------------------------------------------------------------------


def dev_token(**options) -> str:
    return issue_dev_token("Ann", **options)[0]


@pytest.mark.parametrize(
    ("token", "cause"),
    [
        (lambda: dev_token(now=1_700_000_000), "expired at 2023-11-15 10:13:20 UTC"),
        (lambda: dev_token()[:-4] + "AAAA", "another SECRET_KEY"),
        (lambda: "no-token", "no token"),
    ],
    ids=["expired", "forged", "torn"],
)
async def test_a_token_that_is_refused(server, token, cause):
    found = await examined(server.url, token=token())
    assert failing(found) == ["token"]
    assert cause in found["token"].cause


async def test_a_banned_account(server):
    token = dev_token()
    subject = verify(token).subject
    await on_database(User.objects.create)(subject=subject, trainer_name="Ann", banned_at=datetime.now(UTC))
    found = await examined(server.url, token=token)
    assert failing(found) == ["authenticate"]
    assert "4403" in found["authenticate"].detail


async def test_too_many_sockets(server):
    server.engine.limits.handshakes_per_address = 0
    found = await examined(server.url, name="Doctor")
    assert failing(found) == ["authenticate"]
    assert "4409" in found["authenticate"].detail


async def test_a_provider_that_the_server_cannot_reach(server, settings):
    settings.AUTH0_DOMAIN = f"http://127.0.0.1:{free_port()}"
    settings.AUTH0_AUDIENCE = "https://play.example.com"
    found = await examined(server.url, name="Doctor")
    assert failing(found) == ["provider's keys"]
    assert "jwks.json" in found["provider's keys"].detail


async def test_the_development_login_is_off(server, settings):
    settings.UNITEMATE_DEV_LOGIN = False
    found = await examined(server.url, name="Doctor")
    assert failing(found) == ["token"]
    assert "--token" in found["token"].remedy


async def test_a_page_whose_origin_is_not_allowed(server, settings):
    found = await examined(server.url, name="Doctor", origin="https://play.example.com")
    assert failing(found) == ["origin"]
    assert "ALLOWED_ORIGINS" in found["origin"].remedy
    settings.ALLOWED_ORIGINS = ["https://play.example.com"]
    assert failing(await examined(server.url, name="Doctor", origin="https://play.example.com")) == []


async def test_a_server_open_to_every_page(server, settings):
    settings.ALLOWED_ORIGINS = [sockets.FOREIGN]
    found = await examined(server.url, name="Doctor")
    assert failing(found) == ["origin"]


# --- the command ----------------------------------------------------------------------------------


async def command(*arguments: str, capsys) -> tuple[int, str]:
    """Its exit status and what it printed."""
    status = 0
    try:
        await asyncio.to_thread(call_command, "realtime_doctor", *arguments)
    except SystemExit as stopped:
        status = stopped.code
    return status, capsys.readouterr().out


async def test_the_command_shows_each_hop_and_succeeds(server, capsys):
    status, text = await command(server.url, "--name", "Doctor", capsys=capsys)
    assert status == 0
    assert "ok      push" in text
    assert "every hop that was examined is well; 2 could not be examined" in text


async def test_the_command_names_the_cause_and_the_remedy_and_fails(server, capsys):
    status, text = await command(server.url, "--token", "no-token", capsys=capsys)
    assert status == 1
    assert "failed  token" in text
    assert "likely cause: This is no token" in text
    assert "remedy: Copy the whole access token" in text
    assert "failing: token" in text


async def test_the_command_reads_a_token(server, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(dev_token() + "\n"))
    status, text = await command(server.url, "--token", "-", capsys=capsys)
    assert status == 0
    assert "ok      authenticate" in text


async def test_the_command_as_json(server, capsys):
    status, text = await command(server.url, "--token", "no-token", "--json", capsys=capsys)
    found = {finding["hop"]: finding for finding in json.loads(text)}
    assert status == 1
    assert (found["token"]["outcome"], found["livez"]["outcome"]) == ("failed", "ok")
    assert found["token"]["remedy"]


@pytest.mark.parametrize(
    "arguments",
    [["play.example.com"], ["ftp://play.example.com"], ["https://play.example.com/ws/"], ["http://x", "--ca", "/none"]],
)
def test_the_command_wants_an_address(arguments):
    with pytest.raises(CommandError):
        call_command("realtime_doctor", *arguments)
