"""How request bodies are read."""

from typing import IO, Any

import msgspec
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class JSONBody(JSONParser):
    """JSON as its standard has it: UTF-8, no NaN, no lone surrogates, of limited depth.

    What a laxer reader lets through fails later on, in a database column or when an error message
    quotes it back, and would then be our mistake instead of the caller's.
    """

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        """Read a body.

        Raises:
            ParseError: it is no JSON (400).
        """
        try:
            return msgspec.json.decode(stream.read())
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise ParseError(f"JSON parse error - {error}") from error
