"""The front door: settings, routing, health and process start."""

__version__ = "0.1.0"
