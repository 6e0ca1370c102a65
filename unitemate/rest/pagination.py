"""Pagination by cursor.

A page begins after the last entry of the page before, wherever that entry is by now. With offsets, entries would
be repeated or skipped whenever the list changes before them.
"""

from collections.abc import Sequence
from functools import reduce
from operator import attrgetter
from typing import Any, cast

from django.core import signing
from django.core.paginator import Page
from django.db.models import Model, Q, QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

PARAMETERS = (
    ("cursor", "string", "From `next` or `previous` of another page."),
    ("page_size", "integer", "At most 100."),
    ("page", "integer", "From 1. Pages by number repeat and skip entries while the list changes; follow `next`."),
)
"""Name, type and description of each."""


class Pages(PageNumberPagination):
    """`?cursor=` as in `next` and `previous`; `?page_size=` up to 100; `?page=` from 1 for clients that use offsets."""

    page_size_query_param = "page_size"
    max_page_size = 100
    cursor_query_param = "cursor"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The entries of the requested page.

        Args:
            queryset: ordered by columns that are never null.

        Raises:
            NotFound: there is no such page (404).
        """
        self.request = request
        self._order = Order(queryset)
        entries = self._order.sorted(queryset)
        cursor = request.query_params.get(self.cursor_query_param)
        if cursor is None and self.page_query_param in request.query_params:
            found = list(super().paginate_queryset(entries, request, view) or [])
            page = cast(Page, self.page)
            self._count = page.paginator.count
            self._has_next, self._has_previous = page.has_next(), page.has_previous()
        else:
            self._count = queryset.count()
            found = self._read(entries, cursor, cast(int, self.get_page_size(request)))
        self._ends = (found[0], found[-1]) if found else None
        return found

    def _read(self, entries: QuerySet[Any], cursor: str | None, size: int) -> list[Any]:
        position, backwards = self._order.read(cursor) if cursor is not None else (None, False)
        if position is not None:
            entries = entries.filter(self._order.beyond(position, backwards=backwards))
        found = list((entries.reverse() if backwards else entries)[: size + 1])
        has_more, found = len(found) > size, found[:size]
        self._has_next = has_more or backwards
        self._has_previous = has_more if backwards else position is not None
        return found[::-1] if backwards else found

    def get_paginated_response(self, data: Any) -> Response:
        links = {"next": self.get_next_link(), "previous": self.get_previous_link()}
        return Response({"count": self._count, **links, "results": data})

    def get_next_link(self) -> str | None:
        """The address of the next page."""
        return self._link(backwards=False) if self._has_next else None

    def get_previous_link(self) -> str | None:
        """The address of the previous page."""
        return self._link(backwards=True) if self._has_previous else None

    def _link(self, *, backwards: bool) -> str | None:
        if self._ends is None:
            return None
        position = self._order.position(self._ends[0 if backwards else 1])
        url = remove_query_param(cast(Request, self.request).build_absolute_uri(), self.page_query_param)
        return replace_query_param(url, self.cursor_query_param, self._order.cursor(position, backwards=backwards))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {"name": name, "required": False, "in": "query", "description": text, "schema": {"type": kind}}
            for name, kind, text in PARAMETERS
        ]


class Order:
    """The total order of a list, and the position of an entry in it.

    Args:
        queryset: the list.
    """

    def __init__(self, queryset: QuerySet[Any]) -> None:
        model = queryset.model
        order = [*map(str, queryset.query.order_by or model._meta.ordering)]
        if not {"pk", model._meta.pk.name} & {name.lstrip("-") for name in order}:
            order.append("pk")
        self._columns = [(name.lstrip("-"), name.startswith("-")) for name in order]
        self._salt = f"{model._meta.label_lower} {' '.join(order)}"
        self._names = order

    def sorted(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The list in this order."""
        return queryset.order_by(*self._names)

    def position(self, entry: Model) -> list[Any]:
        """Where an entry is: its values of the columns."""
        return [attrgetter(name.replace("__", "."))(entry) for name, _ in self._columns]

    def beyond(self, position: Sequence[Any], *, backwards: bool) -> Q:
        """The condition on entries that come after a position, or before it."""
        reached, alternatives = Q(), []
        for (name, is_descending), value in zip(self._columns, position, strict=True):
            alternatives.append(reached & Q(**{f"{name}__{'lt' if is_descending != backwards else 'gt'}": value}))
            reached &= Q(**{name: value})
        return reduce(lambda one, other: one | other, alternatives)

    def cursor(self, position: Sequence[Any], *, backwards: bool) -> str:
        """A position as clients hand it back; signed, so that it is one of this list's."""
        values = [value.isoformat() if hasattr(value, "isoformat") else value for value in position]
        return signing.Signer(salt=self._salt).sign_object([backwards, *values])

    def read(self, cursor: str) -> tuple[list[Any], bool]:
        """A position out of a cursor, and whether what comes before it is wanted.

        Raises:
            NotFound: it is none of this list's.
        """
        try:
            backwards, *position = signing.Signer(salt=self._salt).unsign_object(cursor)
        except (signing.BadSignature, ValueError) as error:
            raise NotFound("There is no such page.") from error
        return position, backwards
