"""The protocol without input and output: documents and patches, positions, frames.

Everything here is pure. The hub, the Python client and the tests use it. The browser's `client.js` implements the same.
"""

from realtime.protocol.documents import apply, diff
from realtime.protocol.mirror import Mirror, Position, Verdict

__all__ = ["Mirror", "Position", "Verdict", "apply", "diff"]
