"""The documents say what the code does: tables, examples and links are held against it."""

import ast
import importlib
import inspect
import json
import re
from itertools import takewhile
from pathlib import Path
from typing import get_args

import jsonschema
import pytest
from django.core.management import get_commands

from bench import report, scaling
from realtime.delivery import fanout
from realtime.management.bounded_numbers import written
from realtime.protocol import close_codes, frames
from realtime.publishing.publication import Publication
from realtime.socket import admission, consumer
from realtime.streams import STREAM_TYPES
from tests.test_layout import ORDER, ROOMS, ROOT, modules
from unitemate.environment import NUMBERS
from unitemate.rest.asyncapi import document

README = ROOT / "README.md"
READMES = {README: ("## Settings", "## Commands"), ROOT / "README.ja.md": ("## 設定", "## コマンド")}
PROTOCOL = ROOT / "docs" / "protocol.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
DOCUMENTS = [*READMES, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def table(path: Path, heading: str) -> list[list[str]]:
    """The rows of the first table below the one line that begins with these words, without the table's head."""
    after = path.read_text().split(f"\n{heading}", 1)[1]
    lines = after[after.index("\n|") + 1 :].splitlines()
    rows = list(takewhile(lambda line: line.startswith("|"), lines))[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def code(cell: str) -> str:
    """What a cell has in backquotes."""
    return re.findall(r"`([^`]*)`", cell)[0]


# --- README ---------------------------------------------------------------------------------------


def environment() -> dict[str, object]:
    """{name: default} of what the settings read from the environment; the default where it is a plain value."""
    found: dict[str, object] = {}
    for node in ast.walk(ast.parse((ROOT / "unitemate" / "settings.py").read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if ast.unparse(node.func.value) != "env":
                continue
            if node.func.attr == "refuse":
                continue
            if node.func.attr == "switches":  # one for each stream type
                prefix, suffix = map(ast.literal_eval, node.args)
                found |= {f"{prefix}{name.upper()}{suffix}": True for name in STREAM_TYPES}
                continue
            if node.func.attr == "number":
                name = ast.literal_eval(node.args[0])
                found[name] = NUMBERS[name][0]
                continue
            (default,) = [keyword.value for keyword in node.keywords if keyword.arg == "default"] or [ast.Constant("")]
            try:
                found[ast.literal_eval(node.args[0])] = ast.literal_eval(default)
            except ValueError:
                found.setdefault(ast.literal_eval(node.args[0]), ...)
    return found


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_readme_has_every_setting_with_its_default(readme):
    rows = {code(name): default for name, default, _ in table(readme, READMES[readme][0])}
    actual = environment()
    assert rows.keys() == actual.keys()
    for name, default in actual.items():
        if default is ...:
            continue
        shown = ",".join(default) if isinstance(default, list) else str(default)
        shown = shown.lower() if isinstance(default, bool) else shown
        assert rows[name] == (f"`{shown}`" if shown else ""), name


@pytest.mark.parametrize(("readme", "to"), [(README, " to "), (ROOT / "README.ja.md", "から")], ids=["en", "ja"])
def test_the_readme_has_the_bounds_of_every_number(readme, to):
    said = {code(name): text for name, _, text in table(readme, READMES[readme][0])}
    (after,) = re.findall(r"^`PORT`.*$", readme.read_text(), re.MULTILINE)
    for name, (_, taken) in NUMBERS.items():
        assert f"{written(taken.least)}{to}{written(taken.greatest)}" in said.get(name, after), name


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_readme_has_every_command(readme):
    ours = {name for name, app in get_commands().items() if str(app).split(".")[0] in ORDER}
    assert {code(name) for name, _ in table(readme, READMES[readme][1])} == ours


def test_the_readme_shows_every_folder():
    block = README.read_text().split("## How it is put together", 1)[1].split("```")[1]
    shown = re.findall(r"^(\w+)/", block, re.MULTILINE)
    assert {*ORDER, "tests", "docs"} <= set(shown)
    assert [name for name in shown if not (ROOT / name).is_dir()] == []


def test_operations_have_the_same_commands_in_both_languages():
    english, japanese = (
        re.findall(r"^ *```.*?^ *```$", (ROOT / "docs" / name).read_text(), re.DOTALL | re.MULTILINE)
        for name in ("operations.md", "operations.ja.md")
    )
    assert english == japanese
    assert len(english) > 10


def test_every_target_that_the_readme_names_is_there():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`(?:[A-Z]+=\S+ )*make (\w+)", README.read_text())) <= targets


# --- the protocol ---------------------------------------------------------------------------------


def test_the_protocol_has_every_close_code_and_whether_to_come_back():
    rows = {int(number): back for number, _, back in table(PROTOCOL, "## Close codes")}
    assert {number: back.startswith("yes") for number, back in rows.items()} == {
        close.code: close.come_back for close in close_codes.ALL
    }


def test_the_protocol_has_every_error():
    rows = table(PROTOCOL, "A frame that cannot be served")
    assert {code(name) for name, _ in rows} == set(get_args(frames.ErrorCode))


def test_the_protocol_has_every_stream_and_its_actions():
    rows = {code(stream).partition("_")[0]: row for stream, *row in table(PROTOCOL, "## In short")}
    assert rows.keys() == STREAM_TYPES.keys()
    for name, (_, _, snapshot, update) in rows.items():
        assert (code(snapshot), code(update)) == (STREAM_TYPES[name].snapshot, STREAM_TYPES[name].update)


def test_the_protocol_has_every_frame():
    text, described = PROTOCOL.read_text(), document()
    from_client = {code(action) for action, _, _ in table(PROTOCOL, "## All frames")}
    named = described["operations"]["receive"]["messages"]
    assert from_client == {message["$ref"].rpartition("/")[2] for message in named}
    assert [action for action in described["components"]["messages"] if f"`{action}`" not in text] == []


EXAMPLES = re.findall(r"^```json\n(.*?)^```", PROTOCOL.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=[json.loads(example)["action"] for example in EXAMPLES])
def test_the_examples_are_frames(example):
    frame, described = json.loads(example), json.loads(json.dumps(document()))
    payload = described["components"]["messages"][frame["action"]]["payload"]
    jsonschema.Draft7Validator({**payload, "components": described["components"]}).validate(frame)


def test_the_limits_are_those_of_the_code():
    text = PROTOCOL.read_text()
    for words in (
        f"within {admission.AUTHENTICATE_WITHIN:.0f} seconds",
        f"{admission.FRAMES_PER_SECOND:.0f} frames a second, {admission.BURST} at once",
        f"after {admission.WARNINGS} refused frames",
        f"{frames.MAX_STREAMS} streams a connection",
        f"at most {consumer.LONGEST_FRAME:,} characters",
        f"beyond {frames.MAX_FRAME // 1024} KiB",
        f"{admission.CONNECTIONS_PER_OWNER} connections a\nplayer",
        f"{admission.HANDSHAKES_PER_ADDRESS} that have not authenticated",
        f"names at most {frames.MAX_STREAMS} streams",
    ):
        assert words in text, words


# --- the architecture -----------------------------------------------------------------------------


def section(heading: str) -> str:
    """The text between one heading of the second level and the next."""
    return ARCHITECTURE.read_text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def block(heading: str) -> str:
    return section(heading).split("```")[1]


def test_the_house_is_drawn_in_the_order_of_its_imports():
    apps: list[str] = []
    rooms: dict[str, list[str]] = {package: [] for package in ROOMS}
    for indent, name in re.findall(r"^( *)([\w.]+)/? ", block("The house"), re.MULTILINE):
        if not indent:
            apps.append(name)
        elif apps[-1] in ROOMS:
            rooms[apps[-1]].append(name.removesuffix(".py"))
        else:
            assert (ROOT / apps[-1] / name).is_dir()
    assert apps == ORDER[::-1]
    assert rooms == {package: order[::-1] for package, order in ROOMS.items()}


MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in ORDER
    for path in modules(package)
}
LAST_PARTS = {module.rpartition(".")[2] for module in MODULES}


def has(module: str, attributes: list[str]) -> bool:
    """Whether a module has an attribute with a further one, and so on; one that `__init__` sets counts as well."""
    found = importlib.import_module(module)
    for number, name in enumerate(attributes):
        if not hasattr(found, name):
            is_last = number == len(attributes) - 1
            return is_last and inspect.isclass(found) and f"self.{name}" in inspect.getsource(found)
        found = getattr(found, name)
    return True


def is_there(name: str) -> bool:
    """Whether a dotted name leads somewhere, from an application on or from the last part of a module's name on."""
    first, *attributes = name.split(".")
    if first not in ORDER:
        return any(has(module, attributes) for module in MODULES if module.rpartition(".")[2] == first)
    module = first
    while attributes and f"{module}.{attributes[0]}" in MODULES:
        module = f"{module}.{attributes.pop(0)}"
    return has(module, attributes)


def dotted_names(text: str) -> set[str]:
    """What looks like `module.attribute`, where there is such a module."""
    found = re.findall(r"(?<![\w./{])[a-z]\w*(?:\.\w+)+(?![\w/])", text)
    return {name for name in found if name.split(".")[0] in LAST_PARTS and not re.search(r"\.(py|js|md)$", name)}


def test_what_the_architecture_names_is_there():
    text = ARCHITECTURE.read_text()
    code_of_it = [*re.findall(r"`([^`\n]+)`", text), block("The way of one change")]
    names = set().union(*map(dotted_names, code_of_it))
    assert {"triggers.watch", "relay.Relay", "publisher.publish_dirty", "hub.Hub", "fanout.Stream.sent"} <= names
    assert [name for name in sorted(names) if not is_there(name)] == []


@pytest.mark.parametrize("heading", ["The way of one change", "If you expected signals"])
def test_the_files_on_the_way_of_a_change_are_there(heading):
    named = re.findall(r"(?:\w+/)+\w+\.(?:py|js)", section(heading))
    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_frame_of_a_change_is_drawn_with_the_fields_that_it_has():
    (drawn,) = re.findall(r"group_send\(.*\{(.*)\}\)", block("The way of one change"))
    message = Publication("match_1", "e", 2, 1, {}, 0.0).as_message()
    assert set(drawn.split(", ")) == message.keys() - {"type", "stream", "timestamp"}


def test_there_are_five_steps_and_their_costs_are_measured():
    rows = table(ARCHITECTURE, "## If you expected signals")
    assert len(rows) == 5
    measured = (ROOT / "docs" / "benchmarks.md").read_text()
    figures = [figure for *_, cost in rows for figure in re.findall(r"\d[\d,.]*\d", cost)]
    assert len(figures) > 5
    assert [figure for figure in figures if not re.search(rf"(?<![\d,.]){re.escape(figure)}(?![\d])", measured)] == []


def test_the_glossary_has_each_word_once_and_few_of_them():
    words = [word for word, _ in table(ARCHITECTURE, "## Glossary")]
    assert len(words) == len(set(words))
    assert 20 < len(words) <= 30


# --- scaling --------------------------------------------------------------------------------------


def test_the_arithmetic_of_scaling_is_that_of_the_figures_taken():
    assert scaling.MERGE_WINDOW == fanout.MERGE_WINDOW
    text, results = scaling.PAGE.read_text(), json.loads(report.RESULTS.read_text())
    assert text == scaling.page(text, results), "write it anew: python -m bench.scaling"


# --- all ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\(([^)#]+?)\)", path.read_text())
    broken = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_are_named_are_there(path):
    named = re.findall(r"`((?:[\w.]+/)+[\w.]+\.\w+)`", path.read_text())
    assert [name for name in named if not (name.startswith("var/") or (ROOT / name).exists())] == []
