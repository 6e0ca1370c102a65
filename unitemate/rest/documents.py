"""The OpenAPI document, made once a process: to make it takes a third of a second, and anybody may ask for it."""

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
"""In which its texts are written."""

_documents: dict[type[BaseRenderer], tuple[bytes, str]] = {}
_making = threading.Lock()


@method_decorator(conditional_page, name="dispatch")
class SchemaView(SpectacularAPIView):
    """The OpenAPI document as YAML or JSON (`Accept`, or `?format=`), with an ETag: 304 to who has it."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with what was made for the first who asked."""
        renderer: Any = request.accepted_renderer  # type: ignore[attr-defined]
        with _making:
            if type(renderer) not in _documents:
                _documents[type(renderer)] = self._made(renderer)
        content, etag = _documents[type(renderer)]
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        answer = HttpResponse(content, content_type=f"{renderer.media_type}{charset}")
        answer.headers["Content-Disposition"] = f'inline; filename="Unitemate.{renderer.format}"'
        answer.headers["Cache-Control"] = "no-cache"  # which means: ask whether it is the same
        answer.headers["ETag"] = etag
        return answer

    def _made(self, renderer: BaseRenderer) -> tuple[bytes, str]:
        with translation.override(LANGUAGE):
            content = force_bytes(renderer.render(self.generator_class().get_schema(public=True)))
        return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'
