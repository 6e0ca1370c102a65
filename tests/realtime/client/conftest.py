"""The fixtures of these tests."""

from tests.realtime.client.scene import client_of as client_of
from tests.realtime.client.scene import tokens as tokens
