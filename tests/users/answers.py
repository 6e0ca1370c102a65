"""What tests check of answers over REST."""


def errors_of(response, status: int) -> list[dict]:
    """The errors of an answer, in the documented form."""
    body = response.json()
    assert response.status_code == status, body
    assert body.keys() == {"type", "errors"}
    assert body["type"] == ("validation_error" if status == 400 and body["errors"][0]["attr"] else body["type"])
    assert all(error.keys() == {"code", "detail", "attr"} for error in body["errors"])
    return body["errors"]
