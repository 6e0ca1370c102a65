from tests.web.browser import browser as browser  # the fixture
