"""The lobby's number in the page's field."""

import pytest


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12345678", "12345678"),
        ("ロビーID：１２３４　５６７８\n", "12345678"),
        ("12-34-56-78", "12345678"),
        ("1234567", None),
        ("123456789", None),
        ("12345678²", None),
        ("", None),
    ],
)
def test_it_is_the_eight_digits_in_what_was_typed(page, typed, number):
    assert page.evaluate('async (typed) => (await import("/lobby-number.js")).lobbyNumber(typed)', typed) == number
