"""Which scripts the page needs before it can begin, so that a browser may fetch them all at once.

Without that it would learn of each module only by reading the one that imports it. Modules that are
imported when they are needed (`import("...")`) are not among them.
"""

import posixpath
import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).resolve().parent / "static"
IMPORT = re.compile(r'^(?:import|export)\s[^;"]*?from\s+"(\.[^"]+)";', re.MULTILINE)


@cache
def imported(entry: str) -> tuple[str, ...]:
    """The modules that one imports, directly or by others, in the order in which they are met.

    Args:
        entry: the module's path under the static folder: `web/app.js`.
    """
    found = [entry]
    for path in found:  # grows while it is walked
        source = (STATIC / path).read_text(encoding="utf-8")
        for name in IMPORT.findall(source):
            other = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
            if other not in found:
                found.append(other)
    return tuple(found[1:])
