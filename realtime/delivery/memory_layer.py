"""The channel layer of a server that is a single process."""

from channels.layers import InMemoryChannelLayer


class MemoryLayer(InMemoryChannelLayer):  # type: ignore[misc]  # Channels is untyped
    """Channels' in-memory layer, without expiry.

    Channels looks for expired messages in every group with each message, which costs more than the message. It
    also ends memberships after a day, and the hub would not know. Neither is needed: the hub is the only reader,
    lives in the same process, and reads until the process ends.
    """

    def _clean_expired(self) -> None:
        pass
