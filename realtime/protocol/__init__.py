"""The protocol without input or output: documents and patches, positions, frames.

Everything here is pure. The hub, the Python client and the tests are shells around it; the
browser's `client.js` is its twin.
"""

from realtime.protocol.documents import apply, diff
from realtime.protocol.mirror import Mirror, Position, Verdict

__all__ = ["Mirror", "Position", "Verdict", "apply", "diff"]
