"""The OpenAPI document. It takes a third of a second to make, and is public, so each process makes it once."""

import hashlib
import threading
from typing import Any

from django.http import HttpResponse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.encoding import force_bytes
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

LANGUAGE = "en"
"""The language of its texts."""

_documents: dict[type[BaseRenderer], tuple[bytes, str]] = {}
_making = threading.Lock()


@method_decorator(conditional_page, name="dispatch")
class SchemaView(SpectacularAPIView):
    """The OpenAPI document as YAML or JSON (`Accept` or `?format=`), with an ETag."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the document that was made for the first request."""
        renderer: Any = request.accepted_renderer  # type: ignore[attr-defined]
        with _making:
            if type(renderer) not in _documents:
                _documents[type(renderer)] = self._made(renderer)
        content, etag = _documents[type(renderer)]
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        answer = HttpResponse(content, content_type=f"{renderer.media_type}{charset}")
        answer.headers["Content-Disposition"] = f'inline; filename="Unitemate.{renderer.format}"'
        answer.headers["Cache-Control"] = "no-cache"  # which means: revalidate with the ETag
        answer.headers["ETag"] = etag
        return answer

    def _made(self, renderer: BaseRenderer) -> tuple[bytes, str]:
        with translation.override(LANGUAGE):
            content = force_bytes(renderer.render(self.generator_class().get_schema(public=True)))
        return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'
