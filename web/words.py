"""The page's words: one catalogue a language, for the template and for the browser alike.

JSON rather than gettext, so that nothing has to be compiled; `tests/web` holds the catalogues to
the same keys and to those that the page asks for.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

FOLDER = Path(__file__).resolve().parent / "words"


@cache
def catalogue(language: str) -> dict[str, Any]:
    """The words in a language of `settings.LANGUAGES`, or in the default one for any other."""
    known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    words: dict[str, Any] = json.loads((FOLDER / f"{known}.json").read_text(encoding="utf-8"))
    return words
