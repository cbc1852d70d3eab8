"""Cycle times and times in each status of recorded issues are what their changelogs say, computed a second time."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select

from portfolio.model.base import FAR
from portfolio.model.work import ItemVersion, Transition, WorkItem
from portfolio.store.engine import reading
from tests.realrecords.changelogs import issues, tell
from tests.realrecords.trace import trace

# Each stretch between two changes is kept in whole seconds.
ROUNDED = 0.5
SETS = (
    ("jira/jirametrics", ("*_SP-*.json",), 8, 4),
    ("jira/devlake/raw", ("api_issues.jsonl", "api_issues_for_due_date.jsonl", "external_epics.jsonl"), 29, 7),
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("name", "files", "count", "timed"), SETS, ids=[each[0] for each in SETS])
def test_times_are_those_of_the_changelogs(
    realdata: Path, engine: Engine, name: str, files: tuple[str, ...], count: int, timed: int
) -> None:
    trace(realdata / name, engine)
    recorded = issues(realdata / name, *files)
    now = (ItemVersion.item_id == WorkItem.id) & (ItemVersion.valid_to == FAR)
    query = select(WorkItem.external_id, ItemVersion.__table__).join(ItemVersion, now)
    with reading(engine) as store:
        kept = {row.external_id: row for row in store.execute(query)}
        stays = {ident: _stays(store, kept[ident].item_id) for ident in recorded}
    told = {ident: tell(issue) for ident, issue in recorded.items()}
    for ident, course in told.items():
        row, changes = kept[ident], len(recorded[ident]["changelog"]["histories"])
        days = (row.started_on, row.finished_on, row.reopened_on)
        assert days == (course.started_on, course.finished_on, course.reopened_on), ident
        for ours, theirs in ((row.lead_s, course.lead), (row.flow_s, course.flow), (row.active_s, course.active)):
            close = None if theirs is None else pytest.approx(theirs, abs=ROUNDED * (changes + 1))
            assert ours == close, (ident, ours, theirs)
        assert stays[ident] == pytest.approx(course.stays), ident
    assert len(told) == count
    assert sum(course.flow is not None for course in told.values()) == timed


def _stays(store: Connection, item_id: int) -> dict[str, float]:
    """Seconds in each status an item has left, from the transitions that are kept."""
    created = store.scalars(select(WorkItem.created_at).where(WorkItem.id == item_id)).one()
    query = select(Transition.at, Transition.from_status).where(Transition.item_id == item_id)
    found: dict[str, float] = defaultdict(float)
    since = created
    for at, status in store.execute(query.order_by(Transition.seq)):
        found[status] += (at - since).total_seconds()
        since = at
    return dict(found)
