"""What changed in the tasks of one project since a mark.

By events where their token is alive: the tasks they speak of are asked for by id, so that the requests follow what
changed. Else by modification: the project's list tells of its own tasks, and as a subtask's change does not show in the
task above it, every subtask is looked at.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime

import msgspec

from connector.asana import asking
from connector.asana.events import OUT_OF_REACH, changed_tasks, drain, token
from connector.asana.items import Items
from connector.asana.marks import AHEAD, Mark, looked_back, read_mark, write_mark
from connector.asana.naming import Lookup
from connector.asana.placing import Found, Lost, Task, placed
from connector.asana.session import Session
from connector.errors import RetryError, StaleMarkError
from connector.protocol import Delta, Page, RawRecord, Stream

AT_ONCE = 50
"""Tasks asked for by id for one page; what moved with them comes on it too."""

_Batch = tuple[tuple[RawRecord, ...], tuple[str, ...]]
"""Records, and the gids of tasks that are not there any more."""


class Changed:
    """Reads deltas of ITEMS slices. Safe to use from several threads."""

    def __init__(self, session: Session, pool: Executor, items: Items) -> None:
        self._session = session
        self._items = items
        self._lookup = Lookup(session, pool, items)

    def begin(self, project: str) -> str:
        """The mark of a pass over the project that begins now."""
        at = self._session.now()
        return write_mark(Mark(at, token(self._session, project)))

    def pages(self, delta: Delta, followed: Container[str]) -> Iterator[Page]:
        """The pages of a delta of one project; the last may be empty. Raises `StaleMarkError`."""
        project = delta.slices[0]
        mark, batches = self._since(project, delta.since, followed)
        last: _Batch = ((), ())
        for number, batch in enumerate(batches):
            if number:
                yield Page(Stream.ITEMS, project, last[0], str(number), mark, last[1])
            last = batch
        yield Page(Stream.ITEMS, project, last[0], None, mark, last[1])

    def _since(self, project: str, since: str, followed: Container[str]) -> tuple[str, Iterator[_Batch]]:
        """The mark of this pass, and what changed."""
        mark = read_mark(since)
        if mark is None:
            raise StaleMarkError("The mark of the last pass cannot be read")
        at = self._session.now()
        if mark.sync is not None:
            try:
                events, sync = drain(self._session, project, mark.sync)
            except OUT_OF_REACH:
                pass
            else:
                return write_mark(Mark(at, sync)), self._by_id(project, changed_tasks(events), followed)
        if mark.at > at + AHEAD:
            raise StaleMarkError("Asana's clock was set back since the last pass")
        fresh = Mark(at, token(self._session, project))
        return write_mark(fresh), self._by_modification(project, looked_back(mark), followed)

    def _by_id(self, project: str, changed: Mapping[str, bool], followed: Container[str]) -> Iterator[_Batch]:
        """The changed tasks that count to the project. Those that cannot be had, or count nowhere, are gone."""
        gids = list(changed)
        for start in range(0, len(gids), AT_ONCE):
            found = self._lookup.find(gids[start : start + AT_ONCE], followed)
            for one in found.values():
                if isinstance(one, Lost) and isinstance(one.error, RetryError):
                    raise one.error
            placed = sorted((one for one in found.values() if isinstance(one, Found)), key=lambda one: one.depth)
            here = [one.task for one in placed if one.home in (project, "")]
            moved = [task for task in here if changed.get(task.gid)]
            nowhere = [one.task for one in placed if one.home is None]
            left = [task.gid for task in (*nowhere, *self._items.below(nowhere, followed, asking.HEAD))]
            lost = [gid for gid, one in found.items() if isinstance(one, Lost)]
            yield self._items.records(_once([*here, *self._items.below(moved, followed)])), (*lost, *left)

    def _by_modification(self, project: str, since: datetime, followed: Container[str]) -> Iterator[_Batch]:
        """The project's tasks modified since with all below them, then the modified subtasks of the others."""
        modified: set[str] = set()
        for page in self._session.pages(
            "/tasks", {"project": project, "modified_since": since.isoformat()}, asking.TASK
        ):
            tasks = _here(page.slices, project, followed)
            modified.update(task.gid for task in tasks)
            yield self._items.records([*tasks, *self._items.below(tasks, followed)]), ()
        for page in self._session.pages("/tasks", {"project": project}, asking.HEAD):
            others = [task for task in _here(page.slices, project, followed) if task.gid not in modified]
            changed = _modified(self._items.below(others, followed), since)
            if changed:
                yield self._items.records(changed), ()


def _here(slices: Sequence[msgspec.Raw], project: str, followed: Container[str]) -> list[Task]:
    return [task for task in (placed(raw, followed) for raw in slices) if task.home in (project, None)]


def _modified(below: Sequence[Task], since: datetime) -> list[Task]:
    """Those modified since, and all below them: they may have come with them. A parent stands before its subtasks."""
    chosen: dict[str, Task] = {}
    for task in below:
        if task.modified is None or task.modified >= since or task.parent in chosen:
            chosen[task.gid] = task
    return list(chosen.values())


def _once(tasks: Sequence[Task]) -> list[Task]:
    """Each task once. Those whose gid cannot be read stay."""
    seen: set[str] = set()
    kept = []
    for task in tasks:
        if not task.gid or task.gid not in seen:
            seen.add(task.gid)
            kept.append(task)
    return kept
