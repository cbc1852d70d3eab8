"""Tasks asked for by id: where they count, or what became of them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from concurrent.futures import Executor
from urllib.parse import quote

from connector.asana import asking
from connector.asana.items import Items, together
from connector.asana.placing import Found, Lost, Task, climb, placed
from connector.asana.session import Session
from connector.errors import ConnectorError, ForbiddenError, MissingError, RetryError, SkipError
from connector.protocol import Absent, Named, RawRecord, Stream, Verdict

_GONE = "Asana no longer knows it, or hides it from this account."
_GONE_ABOVE = "Asana no longer knows the task it is under, or hides that from this account."
_HIDDEN = "This account may not see it any more."
_HIDDEN_ABOVE = "This account may not see the task it is under any more."
_ELSEWHERE = "It is in no project that is followed any more."


class Lookup:
    """Asks for tasks side by side in `pool`, and for those above them as far as that is needed to place them."""

    def __init__(self, session: Session, pool: Executor, items: Items) -> None:
        self._session = session
        self._pool = pool
        self._items = items

    def find(self, gids: Sequence[str], followed: Container[str]) -> dict[str, Found | Lost]:
        """Each task with its home. Only an `AbortError` is raised."""
        known = self._asked(gids, asking.TASK, followed)
        found: dict[str, Found | Lost] = {}
        open_ends = {gid: gid for gid in known}
        while open_ends:
            steps = {gid: climb(gid, known) for gid in open_ends}
            found |= {gid: step for gid, step in steps.items() if not isinstance(step, str)}
            open_ends = {gid: step for gid, step in steps.items() if isinstance(step, str)}
            known |= self._asked(open_ends.values(), asking.HEAD, followed)
        return found

    def named(self, gids: Sequence[str], followed: Container[str]) -> Named:
        """The answer for tasks asked for by id, parents before their subtasks."""

        def history(task: Task) -> RawRecord | RetryError | None:
            try:
                return self._items.history(task)
            except RetryError as error:
                return error

        found = self.find(gids, followed)
        there = [one for one in found.values() if isinstance(one, Found) and one.home is not None]
        tasks = [one.task for one in sorted(there, key=lambda one: one.depth)]
        told = list(zip(tasks, self._pool.map(history, tasks), strict=True))
        whole = [(task, answer) for task, answer in told if not isinstance(answer, RetryError)]
        found |= {task.gid: Lost(answer, above=False) for task, answer in told if isinstance(answer, RetryError)}
        records = together([task for task, _ in whole], [answer for _, answer in whole])
        had = {record.external_id for record in records if record.stream is Stream.ITEMS}
        absent = (_absent(gid, one) for gid, one in found.items() if gid not in had)
        return Named(records, tuple(absent))

    def _asked(
        self, gids: Iterable[str], fields: Sequence[str], followed: Container[str]
    ) -> dict[str, Task | ConnectorError]:
        def ask(gid: str) -> Task | ConnectorError:
            try:
                return placed(self._session.one(f"/tasks/{quote(gid, safe='')}", fields), followed)
            except (SkipError, RetryError) as error:
                return error

        once = tuple(dict.fromkeys(gids))
        return dict(zip(once, self._pool.map(ask, once), strict=True))


def _absent(gid: str, one: Found | Lost) -> Absent:
    if isinstance(one, Found):
        # With a home it was there, and gone when its history was asked for.
        return Absent(gid, Verdict.MOVED, _ELSEWHERE) if one.home is None else Absent(gid, Verdict.DELETED, _GONE)
    if isinstance(one.error, MissingError):
        return Absent(gid, Verdict.DELETED, _GONE_ABOVE if one.above else _GONE)
    if isinstance(one.error, ForbiddenError):
        return Absent(gid, Verdict.ACCESS_LOST, _HIDDEN_ABOVE if one.above else _HIDDEN)
    return Absent(gid, Verdict.UNKNOWN, f"{one.error.what}.")
