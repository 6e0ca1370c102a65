"""Every operation of the OpenAPI document, asked with generated input, good and bad: it answers as documented.

schemathesis makes the requests: bodies, paths and queries within the document's bounds and just outside,
with every kind of text. None may be answered with 500, and each answer must be one that is described.
"""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests import scenes
from users.services import user_from_claims
from users.tokens import issue_dev_token, verify

pytestmark = pytest.mark.postgres  # stricter than SQLite about what a text may be
EXAMPLES = 12
"""For each operation and way of asking; the seed is fixed."""
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
DOCUMENT = schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())
OPERATIONS = {each.ok().label: each.ok() for each in DOCUMENT.get_all_operations()}
LIMITED = {label for label, each in OPERATIONS.items() if any(True for _ in each.query)}
"""Those with parameters in the query, which can always be wrong."""


@pytest.fixture
def ask(db, settings):
    """Ask as the host of an open match: `ask(case)`."""
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_CLASSES": []}
    settings.UNITEMATE_LIMITS = False
    token = issue_dev_token("Ann")[0]
    ann = user_from_claims(claims=verify(token))
    match = scenes.make_match([ann, *scenes.players(9)])
    match.host = ann
    match.save()
    known = {"match_id": match.pk, "user_id": ann.pk}

    def ask(case: Case, as_known: bool, signed_in: bool) -> None:
        if as_known:
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
        headers = {"Authorization": f"Bearer {token}"} if signed_in else {}
        case.call_and_validate(headers=headers, checks=CHECKS)

    # As Django's own test client does: a request is part of the test's transaction, and must not end its session.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield ask
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", OPERATIONS)
def test_it_answers_as_documented(ask, label, mode):
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode), as_known=st.booleans(), signed_in=st.booleans())
    def asked(case, as_known, signed_in):
        ask(case, as_known, signed_in or as_known)

    try:
        asked()
    except Unsatisfiable:
        # Nothing that is sent could be wrong: there is no body, and any text will do in the path.
        assert mode is GenerationMode.NEGATIVE
        assert OPERATIONS[label].method == "get"
        assert label not in LIMITED


def test_an_address_that_is_none_is_told_in_the_form_of_the_api(client):
    answer = client.get("/api/none")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")
    assert client.get("/none").headers["Content-Type"].startswith("text/html")
