"""Lists that come in pages are read to their end, whatever tells the next page apart."""

from playwright.sync_api import expect


def badge(number: int) -> dict:
    return {
        "id": f"b{number}",
        "name": f"勲章 {number}",
        "earned_by": "",
        "look": {"icon": "flag", "colour": "#123456"},
    }


def page(badges: list, following: str | None) -> tuple[int, dict]:
    return 200, {"count": 250, "next": following and f"http://client.test/api/badges{following}", "results": badges}


def test_a_badge_beyond_the_first_two_hundred_has_its_name(parts):
    here = parts()
    here.answers["GET /badges?page_size=100"] = page([badge(n) for n in range(100)], "?page=2&page_size=100")
    here.answers["GET /badges?page=2&page_size=100"] = page([badge(n) for n in range(100, 200)], "?cursor=xyz")
    here.answers["GET /badges?cursor=xyz"] = page([badge(n) for n in range(200, 250)], None)
    here.run(
        "const { badgeIcon } = await import('/badges.js'); document.getElementById('main').append(badgeIcon('b249'));"
    )
    expect(here.page.get_by_role("img", name="勲章 249")).to_be_visible()
    assert len(here.asked) == 3


def record(number: int) -> dict:
    return {
        "matched_at": "2026-07-01T03:00:00Z",
        "role": "TANK",
        "outcome": "won",
        "rate_after": number,
        "rate_delta": 0,
    }


def test_more_records_are_those_that_the_answer_names(parts):
    here = parts()
    here.answers["GET /records?page_size=1"] = (
        200,
        {"next": "http://client.test/api/records?cursor=xyz", "results": [record(1)]},
    )
    here.answers["GET /records?cursor=xyz"] = (200, {"next": None, "results": [record(2)]})
    here.run("""
      const { recordList } = await import("/parts/records.js");
      const records = recordList("/records", 1);
      document.getElementById("main").append(records.element);
      await records.read();
    """)
    more = here.page.get_by_role("button", name="以前の試合")
    more.click()
    expect(here.page.locator(".record")).to_have_count(2)
    expect(more).to_be_hidden()
