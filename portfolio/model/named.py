"""A table under a name of its own, for statements that are built often: its columns are those of the table itself.

The toolkit's `aliased` finds each column anew on every use, which costs more than all else in building the statement of
a fact. This one cannot load entities; nothing here does.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar, cast

from sqlalchemy import FromClause, Table

from portfolio.model.base import Base

M = TypeVar("M", bound=Base)


class _Named:
    """The columns as attributes; the toolkit takes the object itself for the table."""

    def __init__(self, table: Table, name: str) -> None:
        self._table = table.alias(name)
        self.__dict__.update(self._table.c.items())

    def __clause_element__(self) -> FromClause:
        return self._table


def named(model: type[M], name: str) -> type[M]:
    """The model's table under a name, with the model's columns. For columns and joins only.

    Always the same one for a name: two in one statement need two names.
    """
    return cast(type[M], _named(cast(Table, model.__table__), name))


_named = cache(_Named)
