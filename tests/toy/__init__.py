"""An application that adds a stream type with keys. Copy it to begin a new one.

Outside of itself it needs a line in `INSTALLED_APPS` (`settings.py`), a line in the addresses (`urls.py`),
and a row in the page's table of stream types (`STREAM_TYPES` of `web/static/web/streams.js`).
"""
