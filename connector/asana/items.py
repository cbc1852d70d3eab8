"""The tasks of one project, with their subtasks and histories.

A task in several projects is yielded once, by its *home*: the first of its memberships that is followed. A subtask
without a followed membership belongs to the slice of the task it is under; one with a membership is left to its home,
which lists it as any other task. Within a page a parent comes before its subtasks.

A task whose stories the account may not see comes without a CHANGES record, and one whose subtasks it may not see
comes without them; neither costs the rest of the project.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from concurrent.futures import Executor

import msgspec

from connector.asana import asking
from connector.asana.documents import Place
from connector.asana.session import Session
from connector.boundary.pages import joined, raw_records
from connector.errors import MissingError, SkipError
from connector.protocol import RawRecord, Stream

_NONE = RawRecord(Stream.CHANGES, "", b"[]")
"""Stands for a history that cannot be had; it does not leave this module."""


class _Head(msgspec.Struct):
    """What must be known of a task to place it. `num_subtasks` None: not told, so they are asked for."""

    gid: str = ""
    num_subtasks: int | None = None
    memberships: list[Place] | None = None


class Task(msgspec.Struct, frozen=True):
    raw: msgspec.Raw
    gid: str
    home: str | None
    has_subtasks: bool


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
            listed = [_task(raw, followed) for raw in page.slices]
            tasks = self._with_subtasks([task for task in listed if task.home in (project, None)], followed)
            histories = list(self._pool.map(self._history, tasks))
            # A task without an answer for its stories was deleted after it was listed.
            kept = [task for task, history in zip(tasks, histories, strict=True) if history is not None]
            changes = (history for history in histories if history and history.external_id)
            yield (*raw_records(Stream.ITEMS, [task.raw for task in kept], key="gid"), *changes), page.offset

    def _with_subtasks(self, tasks: list[Task], followed: Container[str]) -> list[Task]:
        """The tasks and all that is below them, level by level."""
        found, level = list(tasks), tasks
        seen = {task.gid for task in tasks}
        while parents := [task for task in level if task.has_subtasks and task.gid]:
            level = []
            for slices in self._pool.map(self._subtasks, parents):
                for child in (_task(raw, followed) for raw in slices):
                    if child.home is None and child.gid not in seen:
                        seen.add(child.gid)
                        level.append(child)
            found += level
        return found

    def _subtasks(self, parent: Task) -> list[msgspec.Raw]:
        try:
            return self._session.all(f"/tasks/{parent.gid}/subtasks", {}, asking.TASK)
        except SkipError:
            return []

    def _history(self, task: Task) -> RawRecord | None:
        """The task's CHANGES; `_NONE` where they cannot be had, None where the task is gone."""
        if not task.gid:
            return _NONE
        try:
            stories = self._session.all(f"/tasks/{task.gid}/stories", {}, asking.STORY)
        except MissingError:
            return None
        except SkipError:
            return _NONE
        return RawRecord(Stream.CHANGES, task.gid, joined(stories))


def _task(raw: msgspec.Raw, followed: Container[str]) -> Task:
    """The task of a slice; one whose head cannot be read is kept, for the reader to refuse."""
    try:
        head = msgspec.json.decode(raw, type=_Head)
    except msgspec.MsgspecError:
        return Task(raw, "", None, has_subtasks=False)
    projects = (place.project.gid for place in head.memberships or () if place.project)
    home = next((gid for gid in projects if gid and gid in followed), None)
    return Task(raw, head.gid, home, has_subtasks=head.num_subtasks != 0)
