"""Servers to compare with: each pushes the message of `message.json` to all its sockets, when told to.

Each listens for sockets on its first argument and for orders on its second: a line of JSON with
`count` and `pause` (seconds between messages), answered by a line when the last was pushed.
"""
