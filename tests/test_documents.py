"""The documents say what the code does: tables, examples and links are held against it."""

import ast
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
from realtime.management.numbers import written
from realtime.protocol import close_codes, frames
from realtime.socket import admission, consumer
from realtime.streams import STREAM_TYPES
from tests.test_layout import ORDER, ROOT
from unitemate.environment import NUMBERS
from unitemate.rest.asyncapi import document

README = ROOT / "README.md"
READMES = {README: ("## Settings", "## Commands"), ROOT / "README.ja.md": ("## 設定", "## コマンド")}
PROTOCOL = ROOT / "docs" / "protocol.md"
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
        f"within {consumer.AUTHENTICATE_WITHIN:.0f} seconds",
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


# --- scaling --------------------------------------------------------------------------------------


def test_the_arithmetic_of_scaling_is_that_of_the_figures_taken():
    assert scaling.MERGE == fanout.MERGE
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
