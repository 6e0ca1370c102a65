"""Numbers within bounds: what is taken, and what is refused in words."""

import ast
from argparse import ArgumentTypeError

import pytest

from realtime.management.bounded_numbers import BoundedNumber
from tests.test_layout import ORDER, ROOT, modules

WHOLE = BoundedNumber(1, 500, "days")
DECIMAL = BoundedNumber(0.5, 20, "seconds", is_whole=False)


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("500", 500), (" 30 ", 30), ("+7", 7)])
def test_a_whole_number_within_its_bounds_is_taken(text, number):
    assert (WHOLE(text), type(WHOLE(text))) == (number, int)


@pytest.mark.parametrize(("text", "number"), [("0.5", 0.5), ("20", 20.0), ("1.25", 1.25)])
def test_so_is_one_with_decimals(text, number):
    assert (DECIMAL(text), type(DECIMAL(text))) == (number, float)


OUT = [
    "",
    "0",
    "-1",
    "501",
    "9999999999",
    "9" * 5000,
    "nan",
    "inf",
    "-inf",
    "1e2",
    "1_0",
    "３０",
    "0x10",
    "many",
    "1;2",
]


@pytest.mark.parametrize("text", [*OUT, "1.5"])
def test_any_other_whole_number_is_refused_with_the_bounds(text):
    with pytest.raises(ArgumentTypeError, match=r"must be a whole number of days from 1 to 500, and is '.{0,40}'$"):
        WHOLE(text)


@pytest.mark.parametrize("text", [*OUT, "0.4999", "20.0001", "1.", ".5", "1e1000"])
def test_any_other_with_decimals_too(text):
    with pytest.raises(ArgumentTypeError, match=r"must be a number of seconds from 0\.5 to 20, and is "):
        DECIMAL(text)


def test_no_command_takes_a_number_without_bounds():
    free = []
    for path in (path for package in ORDER for path in modules(package) if path.parent.name == "commands"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "type" and ast.unparse(node.value) in ("int", "float"):
                free.append(f"{path.relative_to(ROOT)}:{node.value.lineno}")
    assert free == []
