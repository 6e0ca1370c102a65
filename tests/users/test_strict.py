"""Fields of requests that take what they document and nothing else."""

import pytest
from rest_framework.exceptions import ValidationError

from users.strict import OneOf


@pytest.mark.parametrize("sent", ["drei", "", 882199146049293, [882199146049293], {"882199146049293": {}}, True])
def test_a_refusal_holds_nothing_of_what_was_sent(sent):
    with pytest.raises(ValidationError) as refused:
        OneOf(["one", "two"]).run_validation(sent)
    (error,) = refused.value.detail
    assert error.code == "invalid_choice"
    assert error == "This is none of the words that are taken."
