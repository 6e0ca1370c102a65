"""Services at the same time, in threads on real connections."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from users import services
from users.errors import NotFound
from users.models import DELETED, OwnedBadge, Penalty, User
from users.tokens import Claims

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make these calls in threads that start together.

    Returns:
        What each returned; an exception that one raised is raised here.
    """
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)
    failures: list[BaseException] = []

    def run(index: int) -> None:
        try:
            barrier.wait(10)
            results[index] = calls[index]()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    if failures:
        raise failures[0]
    return results


def test_an_account_is_made_once_however_many_arrive_together():
    for round_ in range(5):
        claims = Claims(subject=f"oauth2|discord|{round_}", expires_at=0, name="Mew", discord_id=str(round_))
        users = at_once(*[lambda claims=claims: services.user_from_claims(claims=claims)] * 8)
        assert len({user.pk for user in users}) == 1
    assert User.objects.count() == 5


def test_who_signs_in_several_times_at_once_after_a_deletion_brings_the_ban_along():
    for round_ in range(3):
        first = Claims(subject=f"oauth2|discord|{round_}", expires_at=0, name="Mew")
        user = services.user_from_claims(claims=first)
        services.user_ban(user=user, reason="insults")
        services.account_delete(user=user)
        again = replace(first, issued_at=user.deleted_at.timestamp() + 1)
        users = at_once(*[lambda claims=again: services.user_from_claims(claims=claims)] * 6)
        assert len({each.pk for each in users}) == 1
        assert all(each.is_banned and each.pk != user.pk for each in users)


def test_a_profile_saved_while_the_account_is_deleted_does_not_bring_it_back():
    for round_ in range(3):
        user = services.user_from_claims(claims=Claims(subject=f"a|{round_}", expires_at=0, name="Mew"))

        def save(user=user) -> None:
            with suppress(NotFound):
                services.profile_update(user=User.objects.get(pk=user.pk), bio="by the sea")

        at_once(save, lambda user=user: services.account_delete(user=User.objects.get(pk=user.pk)), save)
        user.refresh_from_db()
        assert (user.bio, user.trainer_name) == ("", DELETED)


def test_one_discord_id_arriving_with_two_identities_at_once():
    def arrive(subject: str) -> User:
        return services.user_from_claims(claims=Claims(subject=subject, expires_at=0, discord_id="42"))

    users = at_once(*[lambda subject=subject: arrive(subject) for subject in ("a", "b", "a", "b")])
    assert len({user.pk for user in users}) == 2
    assert sorted(User.objects.values_list("discord_id", flat=True), key=str) == ["42", None]


def test_a_profile_saved_while_a_match_closes(make_user):
    user = make_user("Ann")

    def close() -> None:
        for _ in range(20):
            fresh = User.objects.get(pk=user.pk)
            User.objects.filter(pk=user.pk).update(
                rate=fresh.rate + 1, max_rate=fresh.rate + 1, match_count=fresh.match_count + 1
            )

    def save() -> None:
        old_copy = User.objects.get(pk=user.pk)
        for number in range(20):
            services.profile_update(user=old_copy, bio=str(number))

    at_once(close, save)
    user.refresh_from_db()
    assert (user.rate, user.max_rate, user.match_count, user.bio) == (1520, 1520, 20, "19")


def test_badges_put_on_at_once_fit_their_places(make_user, make_badges):
    user = make_user()
    for badge in make_badges("a", "b", "c"):
        services.badge_grant(user=user, badge=badge)
    choices = [["a", "b"], ["b", "a"], ["c"], ["b", "c"], []]
    at_once(*[lambda choice=choice: services.badges_equip(user=user, badge_ids=choice) for choice in choices])
    worn = OwnedBadge.objects.filter(user=user, place__isnull=False).order_by("place")
    assert [badge.badge_id for badge in worn] in choices
    assert [badge.place for badge in worn] == [1, 2][: len(worn)]


def test_a_badge_granted_at_once_is_owned_once(make_user, make_badges):
    user, (badge,) = make_user(), make_badges("a")
    at_once(*[lambda: services.badge_grant(user=user, badge=badge)] * 6)
    assert OwnedBadge.objects.count() == 1


def test_a_penalty_lifted_at_once_has_one_time(make_user):
    penalty = services.penalty_give(user=make_user(), points=1, reason="x")
    lifted = at_once(*[lambda: services.penalty_lift(penalty=Penalty.objects.get(pk=penalty.pk)).lifted_at] * 4)
    assert set(lifted) == {Penalty.objects.get().lifted_at}
