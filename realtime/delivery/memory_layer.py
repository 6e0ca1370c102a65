"""The channel layer of a server that is a single process."""

from channels.layers import InMemoryChannelLayer


class MemoryLayer(InMemoryChannelLayer):  # type: ignore[misc]  # Channels is untyped
    """Channels' in-memory layer, without expiry.

    Its one reader, the hub, is in the same process and reads until that ends, so nothing is left
    behind that would have to expire. Channels looks for it in every group with each message, which
    costs more than the message, and ends memberships after a day, of which the hub would not know.
    """

    def _clean_expired(self) -> None:
        pass
