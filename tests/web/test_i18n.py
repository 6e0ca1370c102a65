"""Numbers and times as the reader's country writes them."""

import pytest

MOMENT = "2026-07-01T13:05:00Z"


@pytest.mark.parametrize(
    ("language", "locale", "clock"),
    [("en", "en-US", "1:05 PM"), ("en", "en-GB", "13:05"), ("ja", "ja-JP", "13:05"), ("en", "ja-JP", "1:05 PM")],
)
def test_a_clock_has_twelve_hours_only_where_the_locale_has_it(parts, language, locale, clock):
    here = parts(language, locale=locale, timezone_id="UTC")
    written = here.run("return (await import('/i18n.js')).formatTime(argument)", MOMENT)
    assert written.replace("\u202f", " ").endswith(clock) or written.replace("\u202f", " ").endswith(f"0{clock}")
