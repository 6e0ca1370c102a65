"""Collecting what the admin's pages say: from models, calls of gettext, templates, and refusals of services."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import override

from staff.roles import applications
from tests.test_layout import ROOT

CALLS = {"_", "gettext", "gettext_lazy"}
REFUSALS = {"Conflict", "Forbidden", "NotFound", "Invalid", "invalid", "ValidationError"}
REFUSE = ("services.py", "hours.py", "lobby_number.py", "text.py")
"""Modules besides `services` packages whose refusals staff read."""
CATALOGUE = ROOT / "unitemate" / "locale" / "ja" / "LC_MESSAGES"


def said() -> set[str]:
    """Everything that is to be in the catalogue."""
    found = set(_of_models())
    for app in applications():
        for path in (ROOT / app.name).rglob("*.py"):
            found |= set(_of_calls(path))
        for path in (ROOT / app.name / "templates").rglob("*.html"):
            found |= set(re.findall(r'{% translate "([^"]+)" %}', path.read_text()))
    return found


def _of_models() -> Iterator[str]:
    with override(None):
        for app in applications():
            yield str(app.verbose_name)
            for model in app.get_models():
                yield from (str(model._meta.verbose_name), str(model._meta.verbose_name_plural))
                for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
                    texts = [field.verbose_name, field.help_text, *(label for _, label in field.choices or ())]
                    yield from (str(text) for text in texts if text)


def _of_calls(path: Path) -> Iterator[str]:
    """What is given to gettext anywhere, and what services refuse with."""
    refuses = "services" in path.parts or path.name in REFUSE
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id in CALLS:
            yield from (argument.value for argument in node.args if isinstance(argument, ast.Constant))
        elif refuses and node.func.id in REFUSALS:
            pieces = {id(piece) for each in ast.walk(node) if isinstance(each, ast.JoinedStr) for piece in each.values}
            yield from (
                each.value
                for each in ast.walk(node)
                if isinstance(each, ast.Constant) and id(each) not in pieces and str(each.value).endswith(".")
            )


def catalogue() -> dict[str, str]:
    """The entries of the Japanese catalogue as it is written."""
    text = (CATALOGUE / "django.po").read_text()
    entries = re.findall(r'^msgid ((?:"[^\n]*"\n)+)msgstr ((?:"[^\n]*"\n?)+)', text, re.MULTILINE)
    return {_joined(msgid): _joined(msgstr) for msgid, msgstr in entries}


def _joined(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.splitlines())
