"""Whole numbers of very many rows, read as columns.

A row costs its objects, in the driver, in the toolkit and here: of a million rows these take far longer than the
database does. So the database writes each column out as one text, and that is parsed in one go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Text, and_, cast, func, select

AT_ONCE = 50_000
"""So many rows of the table are gone through by one statement: what it finds is some 3 MB of text."""
_COMMA = ","


def read_numbers(
    connection: Connection, key: Any, columns: Sequence[Any], wanted: ColumnElement[bool]
) -> Sequence[NDArray[np.int64]]:
    """The key and the columns, an array each, of the wanted rows.

    `key` is a unique column of numbers above 0. No column may be NULL in any row: texts leave NULLs out, and what
    follows would move up. Raises `ValueError` where one is.
    """
    parts = list(_blocks(connection, key, columns, wanted))
    return [np.concatenate(each) for each in zip(*parts, strict=True)] or [np.zeros(0, np.int64)] * (1 + len(columns))


def _blocks(
    connection: Connection, key: Any, columns: Sequence[Any], wanted: ColumnElement[bool]
) -> Iterator[Sequence[NDArray[np.int64]]]:
    last: int | None = 0
    while last is not None:
        after, query = key > last, select(key).order_by(key).limit(1)
        last = connection.scalar(query.where(after).offset(AT_ONCE - 1))
        block = after if last is None else and_(after, key <= last)
        # All texts have the rows in the same order, whichever it is: no aggregate is told an order of its own or is
        # DISTINCT, so both databases give each row to all of them before they take the next; where PostgreSQL has
        # several workers do so, it puts together what each of them has in one order for all.
        texts = (text_of(column) for column in (key, *columns))
        count, *told = connection.execute(select(func.count(), *texts).where(block, wanted)).one()
        if count:
            found = [numbers_of(text) for text in told]
            if any(len(each) != count for each in found):
                raise ValueError("a column has no number in some row")
            yield found


def text_of(column: Any) -> ColumnElement[str]:
    """An aggregate: the whole numbers of a column as one text."""
    return func.aggregate_strings(cast(column, Text), _COMMA)


def numbers_of(text: str) -> NDArray[np.int64]:
    """The numbers in such a text."""
    return np.fromstring(text, np.int64, sep=_COMMA)
