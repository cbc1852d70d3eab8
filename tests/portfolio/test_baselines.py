"""Baselines: taken as the plan stands, decided on, kept whatever the tracker says later, and told apart."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from portfolio.audit.entry import COMMAND
from portfolio.baselines.decide import BaselineError, By, approve, propose, reject
from portfolio.baselines.differences import between, since
from portfolio.baselines.versions import versions
from portfolio.facts.plan import plans
from portfolio.figures.due import all_due
from portfolio.figures.rollup import roll_up
from portfolio.model.access import AuditEntry
from portfolio.model.oversight import KpiValue
from portfolio.model.work import BaselineItem, BaselineMilestone
from tests.portfolio.builders import World, noon

HOUR = 3600
TAKEN, LATER = date(2026, 3, 2), date(2026, 3, 16)
ADA, BEA = By("ada", COMMAND), By("bea", COMMAND)


def planned(world: World) -> tuple[int, dict[str, int]]:
    """A project, and its items: what they were up to LATER and are since."""
    project = world.project(plan_rate=Decimal(90), plan_rate_currency="EUR")
    early = date(2026, 2, 2)
    start, due = date(2026, 3, 9), date(2026, 3, 20)
    parent = world.item(project, is_leaf=False, kind="epic", start=date(2026, 3, 4))
    common = {"created": early, "due": due, "estimate_s": 10 * HOUR}
    world.item(project, kind="milestone", due=due)
    world.item(project, kind="risk")
    return project, {
        "same": world.item(project, start=start, **common),
        "below": world.item(project, parent_id=parent, **common),
        "moved": world.item(project, start=start, versions=[(early, {}), (LATER, {"due": LATER})], **common),
        "grown": world.item(project, start=start, versions=[(early, {}), (LATER, {"estimate_s": HOUR})], **common),
        "gone": world.item(project, start=start, deleted=LATER, **common),
        "new": world.item(project, start=start, **common | {"created": LATER}),
    }


def taken(world: World, project: int, today: date, by: By = ADA) -> int:
    return propose(world.connection, project, today, noon(today), by, " first   plan ")


def test_it_holds_the_plan_of_the_day_with_the_start_each_item_has_in_it(world: World) -> None:
    project, items = planned(world)
    due = date(2026, 3, 20)
    world.milestone(project, due, due=due)
    assert taken(world, project, TAKEN) == 1
    kept = world.connection.execute(select(BaselineItem.item_id, BaselineItem.start, BaselineItem.finish)).all()
    assert {row.item_id for row in kept} == {items[name] for name in ("same", "below", "moved", "grown", "gone")}
    assert {row.start for row in kept if row.item_id == items["below"]} == {date(2026, 3, 4)}
    assert {row.finish for row in kept} == {due}
    assert world.connection.scalars(select(BaselineMilestone.due)).all() == [due]
    [version] = versions(world.connection, project, TAKEN)
    assert (version.items, version.seconds, version.finish, version.milestones) == (5, 50 * HOUR, due, 1)
    assert (version.plan_rate, version.currency, version.reason) == (90, "EUR", "first plan")


def test_that_of_an_earlier_day_holds_the_dated_points_as_they_were_then(world: World) -> None:
    project, _ = planned(world)
    early, first, moved = date(2026, 2, 2), date(2026, 4, 1), date(2026, 5, 1)
    point = world.item(project, kind="milestone", versions=[(early, {"due": first}), (LATER, {"due": moved})])
    later = world.item(project, kind="milestone", created=LATER, due=moved)
    for item in (point, later):
        world.milestone(project, first, due=moved, item_id=item)
    taken(world, project, TAKEN)
    assert world.connection.scalars(select(BaselineMilestone.due)).all() == [first]


def test_it_counts_once_it_is_approved_and_who_did_both_is_told(world: World) -> None:
    project, _ = planned(world)
    store = world.connection
    taken(world, project, TAKEN)
    assert plans(store, TAKEN)[project].derived
    with pytest.raises(BaselineError, match="Version 1 waits"):
        taken(world, project, TAKEN)
    assert approve(store, project, 1, noon(TAKEN), BEA) is False
    assert plans(store, TAKEN)[project].rate == (90, "EUR")
    assert all_due(store, noon(TAKEN)) == ()
    taken(world, project, LATER)
    reject(store, project, 2, noon(LATER), BEA)
    assert [it.in_force for it in versions(store, project, LATER)] == [False, True]
    taken(world, project, LATER)
    assert approve(store, project, 3, noon(date(2026, 3, 18)), ADA) is True
    assert [(due.project_id, due.from_day) for due in all_due(store, noon(LATER))] == [(project, LATER)]
    told = versions(store, project, LATER)
    assert [(it.version, it.state, it.self_approved, it.in_force) for it in told] == [
        (3, "approved", True, True),
        (2, "rejected", False, False),
        (1, "approved", False, False),
    ]
    assert [it.in_force for it in versions(store, project, TAKEN)] == [False, False, True]
    with pytest.raises(BaselineError, match="approved already"):
        reject(store, project, 1, noon(LATER), ADA)
    with pytest.raises(BaselineError, match="no version 9"):
        approve(store, project, 9, noon(LATER), ADA)
    actions = store.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == [
        f"baseline.{what}" for what in ("proposed", "approved", "proposed", "rejected", "proposed", "approved")
    ]


def test_the_figures_of_the_day_follow_its_approval_at_once(world: World) -> None:
    project, _ = planned(world)
    store = world.connection
    roll_up(store, as_of=TAKEN, now=noon(TAKEN))

    def rests_on() -> str | None:
        own = (KpiValue.scope_type == "project", KpiValue.scope_id == project, KpiValue.kpi == "SCP-01")
        return store.scalar(select(KpiValue.reason).where(*own, KpiValue.superseded_at.is_(None)))

    assert rests_on() == "NO_BASELINE"
    taken(world, project, TAKEN)
    assert rests_on() == "NO_BASELINE"
    approve(store, project, 1, noon(TAKEN), BEA)
    assert rests_on() is None


def test_a_project_without_work_has_nothing_to_take(world: World) -> None:
    project = world.project()
    with pytest.raises(BaselineError, match="no work"):
        taken(world, project, TAKEN)


def test_what_differs_from_the_plan_of_today_and_from_a_later_version(world: World) -> None:
    project, items = planned(world)
    store = world.connection
    taken(world, project, TAKEN)
    approve(store, project, 1, noon(TAKEN), BEA)
    first = versions(store, project, TAKEN)[0].id
    assert since(store, first, project, TAKEN).total == 0
    found = since(store, first, project, LATER)
    keys = {name: f"K-{item}" for name, item in items.items()}
    assert {(change.key.split("-")[0], change.what) for change in found.changes} == {
        ("K", ("added",)), ("K", ("removed",)), ("K", ("moved",)), ("K", ("re-estimated",))
    }  # fmt: skip
    assert (found.total, found.count("moved"), len(keys)) == (4, 1, 6)
    [moved] = [change for change in found.changes if "moved" in change.what]
    assert (moved.finish_before, moved.finish, moved.estimate) == (date(2026, 3, 20), LATER, 10 * HOUR)
    taken(world, project, LATER)
    second = versions(store, project, LATER)[0].id
    assert between(store, first, second).changes == found.changes
