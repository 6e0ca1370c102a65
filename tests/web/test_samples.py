"""What staff are shown of the samples: those of late, in order, and what is to be looked at."""

import pytest

WELL = {"workers": {"serving": 2}, "releases": {"v1": 2}, "lag": 0, "failed": 0, "errors": 0, "waiting": 3, "formed": 0}


def troubles(page, *samples) -> list:
    return page.evaluate(
        "async (samples) => (await import('/parts/samples.js')).troubles(samples, 5)",
        [WELL | sample for sample in samples],
    )


def test_samples_are_in_order_and_those_of_an_earlier_look_are_left_out(page):
    operations = {
        "interval": 5,
        "kept": 3,
        "points": {"1000": {"n": 3}, "990": {"n": 1}, "995": {"n": 2}, "300": {"n": 0}},
    }
    held = page.evaluate(
        """async (operations) => {
          const { history } = await import("/parts/samples.js");
          return history(operations, 1002).map(({ at, n }) => [at, n]);
        }""",
        operations,
    )
    assert held == [[990, 1], [995, 2], [1000, 3]]


def test_a_figure_by_label_is_added_up_and_one_that_is_not_known_is_none(page):
    totals = page.evaluate(
        """async () => {
          const { total } = await import("/parts/samples.js");
          return [total({ a: 1, b: 2 }), total({}), total(undefined)];
        }"""
    )
    assert totals == [3, 0, None]


def test_all_is_well(page):
    assert troubles(page, {}, {}) == []
    assert troubles(page, {"push_p99": 0.01, "longest_wait": 40}) == []


@pytest.mark.parametrize(
    ("now", "name", "number"),
    [
        ({"workers": {}}, "none_serving", None),
        ({"workers": {"draining": 1}}, "none_serving", None),
        ({"lag": 5.5}, "lag", 5.5),
        ({"push_p99": 1.2}, "slow", 1.2),
        ({"layer_failures": 2}, "layer", 2),
        ({"failed": 0.4}, "failed", 2),
        ({"errors": 1}, "errors", 1),
        ({"waiting": 20, "longest_wait": 130}, "no_matches", 20),
    ],
)
def test_what_is_wrong_is_named_first(page, now, name, number):
    (first, values), *_ = troubles(page, {}, now)
    assert (first, values.get("n")) == (name, number)


def test_what_has_happened_within_five_minutes_counts_and_what_stands_is_of_now(page):
    assert troubles(page, {"errors": 2}, {"errors": 1}) == [["errors", {"n": 3}]]
    assert troubles(page, {"lag": 9}, {}) == []


@pytest.mark.parametrize(
    ("now", "name", "number"),
    [
        ({"workers": {"serving": 1, "draining": 1}}, "draining", 1),
        ({"releases": {"v1": 1, "v2": 1}}, "releases", 2),
    ],
)
def test_what_a_deployment_brings_is_a_trouble_when_it_lasts_two_minutes(page, now, name, number):
    assert troubles(page, *[now] * 23) == []
    assert troubles(page, *[now] * 24) == [[name, {"n": number}]]
    assert troubles(page, *[now] * 12, {}, *[now] * 23) == []


def test_what_is_not_known_is_no_trouble(page):
    assert troubles(page, {"workers": None, "releases": None, "lag": None, "failed": None, "errors": None}) == []


def test_twenty_who_wait_are_no_trouble_while_matches_are_formed(page):
    assert troubles(page, {"waiting": 30, "longest_wait": 300, "formed": 1}) == []
