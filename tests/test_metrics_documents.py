"""What is written about figures is true: the document, the dashboard and the alert rules name what the code counts."""

import json
import re
from pathlib import Path

import promql_parser
import pytest
import yaml

from realtime.telemetry.instruments import CARDINALITY_LIMIT, INSTRUMENTS
from tests.test_documents import code, table
from tests.test_layout import ROOT

METRICS = ROOT / "docs" / "metrics.md"
DASHBOARD = ROOT / "deploy" / "grafana-dashboard.json"
ALERTS = ROOT / "deploy" / "alerts.yml"
OF_PROMETHEUS = {"up"}


def rules() -> list[dict]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def panels() -> list[dict]:
    return json.loads(DASHBOARD.read_text())["panels"]


EXPRESSIONS = {rule["alert"]: rule["expr"] for rule in rules()} | {
    f"{panel['title']} {target['refId']}": target["expr"].replace("$__rate_interval", "5m")
    for panel in panels()
    for target in panel["targets"]
}


def samples() -> dict[str, tuple[str, ...]]:
    """{what an expression may name: the labels that it has}."""
    found: dict[str, tuple[str, ...]] = {}
    for name, figure in INSTRUMENTS.items():
        if figure.kind == "histogram":
            found[f"{name}_bucket"] = (*figure.label_names, "le")
            found[f"{name}_sum"] = found[f"{name}_count"] = figure.label_names
        else:
            found[name] = figure.label_names
    return found


def test_every_figure_is_described_with_its_labels():
    rows = {code(figure): re.findall(r"`(\w+)`", labels) for figure, labels, *_ in table(METRICS, "## The metrics")}
    assert rows == {name: list(figure.label_names) for name, figure in INSTRUMENTS.items()}


def test_every_description_says_what_kind_it_is():
    for figure, _, what, _ in table(METRICS, "## The metrics"):
        assert what.startswith("histogram:") == (INSTRUMENTS[code(figure)].kind == "histogram"), figure


def test_the_bound_is_that_of_the_code():
    assert f"at most {CARDINALITY_LIMIT:,} series" in METRICS.read_text()


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_an_expression_can_be_read_and_names_what_is_counted(expression):
    promql_parser.parse(expression)
    known = samples()
    named = set(re.findall(r"\bunitemate_\w+", expression))
    assert named | (set(re.findall(r"\bup\b", expression)) & OF_PROMETHEUS)
    assert named - known.keys() == set()
    available = {"job", "instance"}.union(*(known[name] for name in named))
    used = {label.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(",")} | set(
        re.findall(r"(\w+)(?:=~|!=|!~|=)\"", expression)
    )
    assert used <= available


def test_what_an_expression_must_not_do_is_noticed():
    with pytest.raises(ValueError, match=r"."):
        promql_parser.parse("rate(unitemate_gaps_total[5m)")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_a_rule_says_how_bad_it_is_and_what_it_means(rule):
    assert rule["labels"]["severity"] in ("page", "warn")
    assert rule["annotations"]["summary"]
    assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}


def test_panels_have_places_of_their_own():
    places = [tuple(panel["gridPos"].values()) for panel in panels()]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in panels()}) == len(places)


def test_what_is_counted_is_shown_somewhere():
    text = DASHBOARD.read_text() + Path(ALERTS).read_text()
    without = {"unitemate_connected_seconds_total", "unitemate_client_bytes_total", "unitemate_published_total"}
    without |= {"unitemate_outbox_marks", "unitemate_matches_made_total", "unitemate_http_received_bytes_total"}
    assert {name for name in INSTRUMENTS if name not in text} <= without
