"""The `operations` stream on real sockets: for staff, as long as they are; the same over REST and the socket."""

import pytest
from django.contrib.auth.models import Group

from realtime.models import Sample
from realtime.streams import without_nulls
from staff.roles import ORGANISER
from tests.live import running_server
from tests.realtime.socket.test_consumer import connect as connect  # the fixture
from tests.realtime.socket.test_consumer import token_of
from tests.scenes import players
from tests.waiting import on_database, until
from users.models import User


@pytest.fixture
def server(transactional_db):
    with running_server() as server:
        yield server


@pytest.fixture
def chief(server) -> User:
    """An organiser."""
    (user,) = players(1, "Chief")
    user.is_staff = True
    user.save()
    user.groups.add(Group.objects.get(name=ORGANISER))
    return user


@pytest.fixture
def ann(server) -> User:
    """A player."""
    return players(1, "Ann")[0]


async def first_point(client) -> dict:
    """Subscribe, and wait until a sample has come."""
    await client.send(action="subscribeOperations")
    await client.next("operationsInfo")
    while not client.mirrors["operations"].get("points"):
        await client.next("operationsUpdate")
    points = client.mirrors["operations"]["points"]
    return points[max(points, key=int)]


async def test_staff_get_samples_while_they_look_and_nothing_is_taken_before(connect, chief):
    async with connect(await token_of(chief)) as client:
        await client.next("userInfo")
        assert not await on_database(Sample.objects.exists)()
        point = await first_point(client)
        assert point["connections"] >= 1
        assert point["waiting"] == 0
        await client.send(action="unsubscribeOperations")
        assert await client.next("unsubscribed") == {"action": "unsubscribed", "stream": "operations"}
        await client.send(action="resync", stream="operations")
        assert (await client.next("error"))["code"] == "not_found"


async def test_asking_again_brings_the_snapshot_again(connect, chief):
    async with connect(await token_of(chief)) as client:
        await first_point(client)
        for ask in ({"action": "subscribeOperations"}, {"action": "askOperationsInfo"}):
            await client.send(**ask)
            assert (await client.next("operationsInfo"))["stream"] == "operations"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"action": "subscribeOperations"}, "forbidden"),
        ({"action": "subscribeOperations", "match_id": "x"}, "bad_request"),
        ({"action": "unsubscribeOperations", "stream": "x"}, "bad_request"),
        ({"action": "askOperationsInfo"}, "not_found"),
        ({"action": "resync", "stream": "operations"}, "not_found"),
        ({"action": "resync", "stream": "operations_x"}, "not_found"),
        ({"action": "subscribeoperations"}, "unknown_action"),
    ],
)
async def test_players_are_refused(connect, ann, frame, code):
    async with connect(await token_of(ann)) as client:
        await client.send(**frame)
        assert (await client.next("error"))["code"] == code


async def test_players_do_not_get_in_by_what_they_say_they_have(connect, ann):
    async with connect(await token_of(ann), {"operations": {"epoch": "e", "seq": 0}}) as client:
        await client.send(action="ping")
        assert (await client.next("operationsInfo", "pong"))["action"] == "pong"


async def test_where_it_is_not_pushed_it_is_polled(connect, chief, api, settings):
    settings.REALTIME_PUSH = settings.REALTIME_PUSH | {"operations": False}
    async with connect(await token_of(chief)) as client:
        await client.send(action="subscribeOperations")
        assert (await client.next("error"))["code"] == "not_found"
    assert (await on_database(api(chief).get)("/api/operations")).json()["points"]


async def test_staff_come_back_with_what_they_have(connect, chief):
    token = await token_of(chief)
    async with connect(token) as client:
        await first_point(client)
    async with connect(token, {"operations": {"epoch": "another", "seq": 0}}) as client:
        assert (await client.next("operationsInfo"))["data"]["points"]


async def test_who_leaves_the_staff_loses_it_at_once(connect, chief, api):
    async with connect(await token_of(chief)) as client:
        await client.next("userInfo")
        await first_point(client)
        await on_database(User.objects.filter(pk=chief.pk).update)(is_staff=False)
        assert (await client.next("unsubscribed"))["stream"] == "operations"
        await client.send(action="subscribeOperations")
        assert (await client.next("error"))["code"] == "forbidden"
    await on_database(chief.refresh_from_db)()
    assert (await on_database(api(chief).get)("/api/operations")).status_code == 403


async def test_socket_and_rest_say_the_same(connect, chief, api, server):
    async with connect(await token_of(chief)) as client:
        await first_point(client)
        ask = on_database(api(chief).get)
        held = {}

        async def agreed() -> bool:
            answer = (await ask("/api/operations")).json()
            position = (answer.pop("epoch"), answer.pop("seq"))
            await client.send(action="resync", stream="operations")
            frame = await client.next("operationsInfo")
            held.update(rest=without_nulls(answer), socket=frame["data"])
            return position == (frame["epoch"], frame["seq"])

        while not await agreed():  # a sample was taken between the two
            pass
        assert held["rest"] == held["socket"]
        assert len(held["rest"]["points"]) >= 1


async def test_streams_and_who_holds_them_are_counted(connect, chief, api, server):
    async with connect(await token_of(chief)) as client:
        await first_point(client)

        def counted() -> bool:
            document = api(chief).get("/api/operations").json()
            newest = document["points"][max(document["points"], key=int)]
            return newest["streams"] >= 3 and newest["members"] >= 3

        await until(counted)


def test_over_rest_it_is_for_staff(api, ann, chief, server):
    assert api().get("/api/operations").status_code == 401
    assert api(ann).get("/api/operations").status_code == 403
    assert not Sample.objects.exists()
    answer = api(chief).get("/api/operations")
    assert answer.status_code == 200
    assert len(answer.json()["points"]) == 1
    assert api(chief).post("/api/operations").status_code == 405


def test_what_is_shown_names_nobody(api, chief, ann):
    text = api(chief).get("/api/operations").content.decode()
    for word in (chief.pk, ann.pk, chief.trainer_name, ann.trainer_name):
        assert word not in text
