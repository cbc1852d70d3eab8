"""Of a connection that is being set up: how far its first read is, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from sqlalchemy import Connection, func, select

from portfolio.model.structure import Project, ProjectRef
from portfolio.model.work import WorkItem
from sync.modes import Mode
from sync.run.runs import ENDED_WELL
from webapp.queries.live import Live, live
from webapp.queries.runs import RunLine, list_runs
from webapp.queries.schedules import Asked, asked_for
from webapp.tables import Paging

EXAMPLES = 8


@dataclass(frozen=True)
class FirstRead:
    """`live` while it is under way, `asked` until a process takes it up, `ended` the newest run when it is over."""

    live: Live | None
    asked: Asked | None
    ended: RunLine | None

    @property
    def moving(self) -> bool:
        """Whether there is something to wait for. Between being taken up and its beginning a run is neither."""
        return self.live is not None or self.asked is not None or self.ended is None

    @property
    def done(self) -> bool:
        """Whether there is something to map."""
        return not self.moving and self.ended is not None and self.ended.state in ENDED_WELL


@dataclass(frozen=True)
class Came:
    """What is in the portfolio now. `categories` are (category, items), the most first."""

    projects: int
    items: int
    categories: tuple[tuple[str, int], ...]
    names: tuple[str, ...]


def first_read(connection: Connection, connection_id: int, now: datetime) -> FirstRead:
    """How far it is."""
    own = (connection_id, Mode.FULL.value)
    running = next((it for it in live(connection, now) if (it.run.connection_id, it.run.mode) == own), None)
    asked = next((it for it in asked_for(connection) if (it.connection_id, it.mode) == own), None)
    newest = list_runs(connection, *own, Paging(1, 1, 1))
    ended = newest[0] if newest and running is None else None
    return FirstRead(running, asked, ended)


def what_came(connection: Connection, connection_id: int) -> Came:
    """What the connection brought."""
    own = (WorkItem.connection_id == connection_id, WorkItem.deleted_at.is_(None))
    counted = select(WorkItem.category, func.count()).where(*own).group_by(WorkItem.category)
    categories = sorted(((category, items) for category, items in connection.execute(counted)), key=itemgetter(1))
    fed = (
        select(Project.name)
        .join(ProjectRef, ProjectRef.project_id == Project.id)
        .where(ProjectRef.connection_id == connection_id, ProjectRef.deleted_at.is_(None))
        .distinct()
        .order_by(Project.name)
    )
    names = tuple(connection.scalars(fed))
    total = sum(items for _, items in categories)
    return Came(len(names), total, tuple(reversed(categories)), names[:EXAMPLES])
