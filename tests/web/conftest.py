"""The fixtures of these tests: a browser, and the realtime client set up in one of its pages."""

from tests.web.browser import browser as browser
from tests.web.client_page import page as page
from tests.web.client_page import run as run
from tests.web.page_parts import parts as parts
from tests.web.whole_page import world as world
