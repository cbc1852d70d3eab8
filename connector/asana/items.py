"""The tasks of one project, with their subtasks and histories.

A task is yielded by its home alone (`connector.asana.placing`). A subtask without a followed membership belongs to the
slice of the task it is under; one with a membership is left to its home, which lists it as any other task. Within a
page a parent comes before its subtasks.

A task whose stories the account may not see comes without a CHANGES record, and one whose subtasks it may not see
comes without them; neither costs the rest of the project.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from concurrent.futures import Executor

import msgspec

from connector.asana import asking
from connector.asana.placing import Task, placed
from connector.asana.session import Session
from connector.boundary.pages import joined, raw_records
from connector.errors import MissingError, SkipError
from connector.protocol import RawRecord, Stream

_NONE = RawRecord(Stream.CHANGES, "", b"[]")
"""Stands for a history that cannot be had; it gets on no page."""


class Items:
    """Reads ITEMS slices; subtasks and stories are fetched side by side in `pool`."""

    def __init__(self, session: Session, pool: Executor) -> None:
        self._session = session
        self._pool = pool

    def pages(
        self, project: str, followed: Container[str], offset: str | None
    ) -> Iterator[tuple[tuple[RawRecord, ...], str | None]]:
        """Records and following offset of each page: the tasks, then their CHANGES records."""
        for page in self._session.pages("/tasks", {"project": project}, asking.TASK, offset):
            listed = [placed(raw, followed) for raw in page.slices]
            tasks = [task for task in listed if task.home in (project, None)]
            yield self.records([*tasks, *self.below(tasks, followed)]), page.offset

    def below(self, tasks: Sequence[Task], followed: Container[str], fields: Sequence[str] = asking.TASK) -> list[Task]:
        """All that is below the tasks and has no home of its own, level by level."""
        found: list[Task] = []
        level = list(tasks)
        seen = {task.gid for task in tasks}
        while parents := [task for task in level if task.has_subtasks and task.gid]:
            level = []
            for slices in self._pool.map(lambda parent: self._subtasks(parent, fields), parents):
                for child in (placed(raw, followed) for raw in slices):
                    if child.home is None and child.gid not in seen:
                        seen.add(child.gid)
                        level.append(child)
            found += level
        return found

    def records(self, tasks: Sequence[Task]) -> tuple[RawRecord, ...]:
        """The tasks' ITEMS, then their CHANGES. Those deleted since they were listed are left out."""
        return together(tasks, list(self._pool.map(self.history, tasks)))

    def history(self, task: Task) -> RawRecord | None:
        """The task's CHANGES, without an id where they cannot be had; None where the task is gone."""
        if not task.gid:
            return _NONE
        try:
            stories = self._session.all(f"/tasks/{task.gid}/stories", {}, asking.STORY)
        except MissingError:
            return None
        except SkipError:
            return _NONE
        return RawRecord(Stream.CHANGES, task.gid, joined(stories))

    def _subtasks(self, parent: Task, fields: Sequence[str]) -> list[msgspec.Raw]:
        try:
            return self._session.all(f"/tasks/{parent.gid}/subtasks", {}, fields)
        except SkipError:
            return []


def together(tasks: Sequence[Task], histories: Sequence[RawRecord | None]) -> tuple[RawRecord, ...]:
    """The ITEMS and CHANGES of tasks with what `Items.history` gave for each."""
    kept = [task.raw for task, history in zip(tasks, histories, strict=True) if history is not None]
    changes = (history for history in histories if history and history.external_id)
    return (*raw_records(Stream.ITEMS, kept, key="gid"), *changes)
