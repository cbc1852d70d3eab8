"""The two ways to the store that a run uses, and a rehearsal of both that leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, Engine

from portfolio.store.engine import reading, writing
from sync.run.lease import Heartbeat, Renewable


class Access(Protocol):
    """How a run reads and writes."""

    def writing(self) -> AbstractContextManager[Connection]:
        """One write transaction: committed when the block ends well, rolled back when it raises."""
        ...

    def reading(self) -> AbstractContextManager[Connection]:
        """One consistent view."""
        ...

    def beating(self, held: Renewable, clock: Callable[[], datetime]) -> AbstractContextManager[None]:
        """Keep renewing what is held while the block lasts, however slow the tracker is."""
        ...


class Direct:
    """Each transaction stands when its block has ended."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def writing(self) -> AbstractContextManager[Connection]:
        return writing(self._engine)

    def reading(self) -> AbstractContextManager[Connection]:
        return reading(self._engine)

    def beating(self, held: Renewable, clock: Callable[[], datetime]) -> AbstractContextManager[None]:
        return Heartbeat(self._engine, held, clock)


class Rehearsal:
    """Every transaction is a part of one that is rolled back in the end. Used by one thread only.

    On SQLite nobody else can write while it lasts.
    """

    def __init__(self, store: Connection) -> None:
        self._store = store

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._store.begin_nested():
            yield self._store

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        yield self._store

    def beating(self, held: Renewable, clock: Callable[[], datetime]) -> AbstractContextManager[None]:
        """Nothing: the transaction alone keeps others away, and another thread must not use it."""
        return nullcontext()


class _RehearsedError(Exception):
    """Rolls a rehearsal back."""


@contextmanager
def rehearsal(engine: Engine) -> Iterator[Access]:
    """An access whose writes are all undone when the block ends."""
    try:
        with writing(engine) as store:
            yield Rehearsal(store)
            raise _RehearsedError
    except _RehearsedError:
        return
