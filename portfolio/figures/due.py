"""Projects whose past changed, noted by whoever changes it, in the same transaction.

Nothing is computed here: `portfolio.figures.restate` does that, and is done with a project when nothing was noted of it
since it read the facts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import NamedTuple, cast

from sqlalchemy import Connection, Table, bindparam, case, delete, func, select, update

from portfolio.model.landing import Lease
from portfolio.model.oversight import HistoryDue
from portfolio.model.structure import Project, ProjectRef
from portfolio.store.upsert import insert_knowing

_TABLE = cast(Table, HistoryDue.__table__)


class Due(NamedTuple):
    """A project, the first day from which its past differs, and how often that was noted."""

    project_id: int
    from_day: date
    revision: int


def past_changed(connection: Connection, days: Mapping[int, date]) -> None:
    """Note from which day on the past of projects differs. Of a project that is noted already the earlier day counts.

    Give past days only: the present day is computed anew by every roll-up.
    """
    if not days:
        return
    statement = insert_knowing(connection.dialect.name, _TABLE)
    told = statement.excluded.from_day
    noted = statement.on_conflict_do_update(
        index_elements=["project_id"],
        set_={
            "from_day": case((told < _TABLE.c.from_day, told), else_=_TABLE.c.from_day),
            "revision": _TABLE.c.revision + 1,
        },
    )
    # In one order, so that two who note the same projects wait for each other and not in a circle.
    connection.execute(noted, [{"project_id": ident, "from_day": days[ident]} for ident in sorted(days)])


def past_of_all_changed(connection: Connection, since: date) -> None:
    """Note that the past of figures of all persons together differs from a day on, and of no project."""
    past_changed(connection, past_of_all(connection, since))


def past_of_all(connection: Connection, since: date) -> dict[int, date]:
    """What has to be noted when figures of all persons together differ from a day on: they are computed with those of
    any project, and one will do."""
    one = connection.scalar(select(func.min(Project.id)).where(Project.fed))
    return {} if one is None else {one: since}


def all_due(connection: Connection, now: datetime) -> tuple[Due, ...]:
    """Every project whose past is to be computed anew, but for those that a run may be changing at the moment."""
    changing = (
        select(ProjectRef.project_id)
        .join(Lease, Lease.connection_id == ProjectRef.connection_id)
        .where(ProjectRef.project_id == _TABLE.c.project_id, Lease.expires_at > now)
    )
    rows = connection.execute(
        select(_TABLE.c.project_id, _TABLE.c.from_day, _TABLE.c.revision).where(~changing.exists())
    )
    return tuple(Due(*row) for row in rows)


def done_before(connection: Connection, day: date, due: Collection[Due]) -> None:
    """Note that these projects are done up to, not including, a day. What was noted again meanwhile stays due."""
    same = (_TABLE.c.project_id == bindparam("project"), _TABLE.c.revision == bindparam("seen"))
    rows = [{"project": each.project_id, "seen": each.revision} for each in due]
    if rows:
        connection.execute(update(_TABLE).where(*same).values(from_day=day), rows)


def done(connection: Connection, due: Collection[Due]) -> None:
    """Note that nothing of these projects is due any more, but for what was noted again meanwhile."""
    same = (_TABLE.c.project_id == bindparam("project"), _TABLE.c.revision == bindparam("seen"))
    rows = [{"project": each.project_id, "seen": each.revision} for each in due]
    if rows:
        connection.execute(delete(_TABLE).where(*same), rows)
