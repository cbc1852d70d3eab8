"""Rows as columns: named tuples of arrays of one length."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Columns = TypeVar("Columns", bound=tuple[Any, ...])


def take(columns: Columns, some: NDArray[Any]) -> Columns:
    """Some of the rows: by number, or by whether they are wanted."""
    return type(columns)(*(column[some] for column in columns))


def lines(some: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Of each of so many places its line among some of them (in order); -1 where it is none of these."""
    line = np.full(count, -1)
    line[some] = np.arange(len(some))
    return line
