"""Where a task counts: the little that must be known of each to tell. Pure.

A task in several projects has one *home*: the first of its memberships that is followed. A task without a followed
membership counts where the task above it does.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime

import msgspec

from connector.asana.documents import Place, Ref
from connector.asana.plain import gid_of, instant
from connector.errors import ConnectorError
from connector.records import UnreadableError


class _Head(msgspec.Struct):
    """`num_subtasks` None: not told, so they are asked for."""

    gid: str = ""
    num_subtasks: int | None = None
    memberships: list[Place] | None = None
    parent: Ref | None = None
    modified_at: str | None = None


class Task(msgspec.Struct, frozen=True):
    """A raw task and what places it. `modified` is None where that is not told."""

    raw: msgspec.Raw
    gid: str
    home: str | None
    has_subtasks: bool
    parent: str | None = None
    modified: datetime | None = None


class Found(msgspec.Struct, frozen=True):
    """A task asked for by id. `home` is the project it counts to, None when that is none that is followed.

    It is "" where that cannot be read: the reader is to refuse the task. `depth` is how many tasks it is under, up to
    the one with the membership that counts.
    """

    task: Task
    home: str | None
    depth: int


class Lost(msgspec.Struct, frozen=True):
    """A task that cannot be had or placed, and why. `above`: it is there, but a task above it is not."""

    error: ConnectorError
    above: bool


def placed(raw: msgspec.Raw, followed: Container[str]) -> Task:
    """The task of a slice; one whose head cannot be read is kept, for the reader to refuse."""
    try:
        head = msgspec.json.decode(raw, type=_Head)
    except msgspec.MsgspecError:
        return Task(raw, "", None, has_subtasks=False)
    projects = (place.project.gid for place in head.memberships or () if place.project)
    home = next((gid for gid in projects if gid and gid in followed), None)
    return Task(raw, head.gid, home, head.num_subtasks != 0, gid_of(head.parent), _modified(head))


def climb(gid: str, known: Mapping[str, Task | ConnectorError]) -> Found | Lost | str:
    """Where a task that was asked for counts, or the gid of the next task above it that must be known to tell.

    Tasks that stand above each other count nowhere.
    """
    seen: list[str] = []
    at: str | None = gid
    home: str | None = None
    while at is not None and home is None and at not in seen:
        here = known.get(at)
        if here is None:
            return at
        if isinstance(here, ConnectorError):
            return Lost(here, above=at != gid)
        seen.append(at)
        at, home = here.parent, here.home if here.gid else ""
    task = known[gid]
    assert isinstance(task, Task), "a task that was not had is lost in the first step"
    return Found(task, home, len(seen) - 1)


def _modified(head: _Head) -> datetime | None:
    try:
        return instant(head.modified_at, "modified_at")
    except UnreadableError:
        return None
