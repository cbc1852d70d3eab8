"""The tables behind the model's classes, typed as tables for statements written to them as sets of rows."""

from __future__ import annotations

from sqlalchemy import Table

from portfolio.model.base import Base


def table_of(model: type[Base]) -> Table:
    """The table of a mapped class."""
    table = model.__table__
    assert isinstance(table, Table)
    return table
