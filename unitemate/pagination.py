"""How lists are cut into pages."""

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """`?page=` (from 1) and `?page_size=` (at most 100)."""

    page_size_query_param = "page_size"
    max_page_size = 100
