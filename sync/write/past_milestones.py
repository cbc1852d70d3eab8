"""What of the past changes with milestones that are no items, of which trackers keep no history (`points_on`).

Such a milestone is told of every past day as it is now, but for its due date, which counts from the day it was read:
only the first one that was read counts before that day, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, func, select

from portfolio.model.work import ItemVersion, Milestone, MilestoneVersion
from portfolio.store.upsert import Row
from sync.write.ledger import Ledger
from sync.write.past import Change, note


def note_milestones(store: Connection, ledger: Ledger, rows: Sequence[Row]) -> None:
    """Note what differs between milestones as they stand and as they are about to be written."""
    since = select(func.min(MilestoneVersion.valid_from)).where(MilestoneVersion.milestone_id == Milestone.id)
    columns = (
        Milestone.external_id, Milestone.project_id, Milestone.cancelled, Milestone.baseline, Milestone.due,
        Milestone.finished_on, since.correlate(Milestone).scalar_subquery().label("since"),
    )  # fmt: skip
    standing = {it.external_id: it for it in store.execute(select(*columns).where(_own(ledger, rows)))}
    everywhere: set[int | None] = set()
    changes: list[Change] = []
    for row in rows:
        old = standing.get(row["external_id"])
        reached = [day for day in (row["finished_on"], old and old.finished_on) if day is not None]
        if old is None:
            everywhere.add(row["project_id"])
        elif (
            (old.project_id, old.cancelled) != (row["project_id"], row["cancelled"])
            or (old.baseline is None and row["baseline"] is not None)
            or (old.due != row["due"] and (old.since is None or old.since >= ledger.today))
        ):
            everywhere |= {old.project_id, row["project_id"]}
        elif old.finished_on != row["finished_on"]:
            changes.append((row["project_id"], min(reached)))
    note(store, ledger, [*changes, *_all_days(store, everywhere)])


def note_milestones_gone(store: Connection, ledger: Ledger, condition: ColumnElement[bool]) -> None:
    """Note that these milestones are about to be deleted."""
    note(store, ledger, _all_days(store, set(store.scalars(select(Milestone.project_id).where(condition)))))


def _own(ledger: Ledger, rows: Sequence[Row]) -> ColumnElement[bool]:
    return (Milestone.connection_id == ledger.connection_id) & Milestone.external_id.in_(
        [row["external_id"] for row in rows]
    )


def _all_days(store: Connection, project_ids: set[int | None]) -> Iterable[Change]:
    """Every day on which there was work in the projects: before, they have no figures a milestone would change."""
    if not project_ids:
        return ()
    first = select(ItemVersion.project_id, func.min(ItemVersion.valid_from)).group_by(ItemVersion.project_id)
    return [(ident, day) for ident, day in store.execute(first.where(ItemVersion.project_id.in_(project_ids - {None})))]
