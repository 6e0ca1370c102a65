"""How the OpenAPI document describes views."""

from typing import Any

from drf_standardized_errors.openapi import AutoSchema


class Schema(AutoSchema):
    """Also describes the body of a DELETE, which the library leaves out; deleting an account needs one."""

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        if self.method != "DELETE":
            return super()._get_request_body(direction)
        self.method = "POST"
        try:
            return super()._get_request_body(direction)
        finally:
            self.method = "DELETE"
