"""The settings of the project, with the toy among its applications."""

from unitemate.settings import *  # noqa: F403
from unitemate.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.toy"]
ROOT_URLCONF = "tests.toy.urls"
POLL_INTERVAL = 1  # seconds; no test waits for the usual five
