"""The census of one project: the gids of its tasks, as cheaply as Asana gives them, beside Asana's own count."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import datetime

import msgspec

from connector.asana import asking
from connector.asana.items import Items
from connector.asana.placing import Task, placed
from connector.asana.session import Session, decoded
from connector.errors import RetryError, SkipError
from connector.protocol import Roll


class _Counts(msgspec.Struct):
    num_tasks: int | None = None


def census(session: Session, items: Items, project: str, followed: Container[str]) -> Iterator[Roll]:
    """The rolls of a project: the tasks that count to it, each with those below it.

    Asana counts the tasks of a project wherever they count to, and no subtasks. So of its number those that count
    elsewhere are taken off, and the subtasks that were met are added: where it differs from what is listed, tasks of
    the project's own list are missing, never subtasks.
    """
    corrected = 0
    for page in session.pages("/tasks", {"project": project}, asking.HEAD):
        if page.anew:
            corrected = 0
        listed = [placed(raw, followed) for raw in page.slices]
        tasks = [task for task in listed if task.home in (project, None)]
        below = items.below(tasks, followed, asking.HEAD)
        corrected += len(below) - (len(listed) - len(tasks))
        told = _told(session, project) if page.offset is None else None
        yield Roll(project, _entries([*tasks, *below]), None if told is None else told + corrected)


def _entries(tasks: list[Task]) -> tuple[tuple[str, datetime | None], ...]:
    return tuple((task.gid, task.modified) for task in tasks if task.gid)


def _told(session: Session, project: str) -> int | None:
    """Asana's count. It is dear to ask for, and a census is whole without it."""
    path = f"/projects/{project}/task_counts"
    try:
        return decoded(session.one(path, asking.TASK_COUNTS), _Counts, path).num_tasks
    except (SkipError, RetryError):
        return None
