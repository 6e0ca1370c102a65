"""Queries that the ORM compiles only once, for the few that nearly every request makes.

Django takes several times as long to compile a query as SQLite or PostgreSQL take to answer one by
its key, and does it anew each time; see "Joining the queue" in `docs/benchmarks.md`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler


class Argument(Expression):
    """A placeholder in a query for a value that is given at each execution.

    Args:
        name: the keyword under which the value is given.
        output_field: the type of the value.
    """

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """A placeholder; the parameter is this object, to be replaced at execution."""
        return "%s", (self,)


class Prepared:
    """A query that is built and compiled at its first execution.

    Args:
        build: makes the query. It names its columns by `values`, and has an `Argument` for each value
            that varies.
    """

    def __init__(self, build: Callable[[], "QuerySet[Any, Any]"]) -> None:
        self._build = build
        self._sql = ""
        self._parameters: list[Any] = []
        self._names: list[str] = []
        self._converters: list[tuple[int, list[Any], Any]] = []

    def all(self, **arguments: Any) -> list[dict[str, Any]]:
        """All rows, as dictionaries by column name.

        Args:
            **arguments: the value of each `Argument` by its name.
        """
        if not self._sql:
            self._compile()
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [self._value(parameter, arguments) for parameter in self._parameters])
            return [self._converted(row) for row in cursor.fetchall()]

    def first(self, **arguments: Any) -> dict[str, Any] | None:
        """The first row; None if there is none."""
        return next(iter(self.all(**arguments)), None)

    def _converted(self, row: Sequence[Any]) -> dict[str, Any]:
        values = list(row)
        for place, converters, expression in self._converters:
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return dict(zip(self._names, values, strict=True))

    def _compile(self) -> None:
        query = self._build().query
        compiler = query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        expressions = [column[0] for column in compiler.select[: compiler.col_count]]
        self._converters = [(place, *found) for place, found in compiler.get_converters(expressions).items()]
        self._names = list(query.selected or ())
        self._parameters = list(parameters)
        self._sql = sql  # assigned last: a thread that comes before this compiles the query itself

    @staticmethod
    def _value(parameter: Any, arguments: dict[str, Any]) -> Any:
        if not isinstance(parameter, Argument):
            return parameter
        return parameter.output_field.get_db_prep_value(arguments[parameter.name], connection)
