"""The ten places in the queue: how many of a role's two are shown as taken."""

import pytest

ROLES = ["TOP_LANE", "MIDDLE", "BOTTOM_LANE", "SUPPORT", "TANK"]


@pytest.fixture
def taken(page):
    def call(waiting, counts, needed=()):
        queue = {"total_waiting": waiting, "role_counts": dict(zip(ROLES, counts, strict=True)), "needed_roles": needed}
        code = 'async (queue) => (await import("/places.js")).takenPlaces(queue)'
        return [page.evaluate(code, queue)[role] for role in ROLES]

    return call


def test_nobody_takes_no_place(taken):
    assert taken(0, [0, 0, 0, 0, 0], ROLES) == [0, 0, 0, 0, 0]


def test_those_who_named_one_lane_each_take_its_places(taken):
    assert taken(4, [2, 1, 0, 0, 1], ROLES) == [2, 1, 0, 0, 1]


def test_nine_who_play_anything_leave_one_place_open(taken):
    assert taken(9, [9, 9, 9, 9, 9], ROLES) == [2, 2, 2, 2, 1]


def test_one_who_names_two_roles_takes_one_place(taken):
    assert sum(taken(1, [0, 1, 1, 0, 0], ROLES)) == 1


def test_a_needed_role_keeps_a_place_open_however_many_wait(taken):
    assert taken(20, [3, 3, 18, 18, 18], ["TOP_LANE", "MIDDLE"]) == [2, 1, 2, 2, 2]


def test_when_nothing_is_needed_all_are_taken(taken):
    assert taken(12, [5, 5, 5, 5, 5]) == [2, 2, 2, 2, 2]


def test_at_most_the_two_scarcest_of_the_needed_roles_are_named(page):
    def scarcest(counts, needed):
        queue = {"role_counts": dict(zip(ROLES, counts, strict=True)), "needed_roles": needed}
        return page.evaluate('async (queue) => (await import("/places.js")).scarcest(queue)', queue)

    assert scarcest([4, 0, 3, 1, 2], ["TOP_LANE", "BOTTOM_LANE", "SUPPORT", "TANK"]) == ["SUPPORT", "TANK"]
    assert scarcest([1, 1, 1, 1, 1], ["TANK", "SUPPORT"]) == ["TANK", "SUPPORT"]
    assert scarcest([9, 9, 9, 9, 0], ["TANK"]) == ["TANK"]
    assert scarcest([9, 9, 9, 9, 9], []) == []
