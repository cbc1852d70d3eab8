"""What was entered counts before what a tracker tells, both stay, and neither writes over the other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from portfolio.access.roles import Grant, Role, Scope, ScopeType
from portfolio.access.rows import visible_projects
from portfolio.access.viewer import Viewer
from portfolio.audit.entry import Actor, ActorKind
from portfolio.model.access import AuditEntry
from portfolio.model.structure import Project
from portfolio.overlay.enter import RefusedError, enter
from portfolio.overlay.text import Value
from portfolio.overlay.values import TABLE, held, tell
from portfolio.store.engine import reading, writing
from tests.portfolio.builders import World

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ADA = Actor(ActorKind.USER, 7)


def test_entered_before_told_and_back(world: World) -> None:
    store, project = world.connection, world.project("One")
    told = {project: {"due": Value("2026-06-30"), "client": Value("Acme")}}
    tell(store, world.tracker_id, NOW, told)
    assert store.execute(select(Project.due, Project.client)).one() == (date(2026, 6, 30), "Acme")
    changed = enter(store, {project: {"due": "2026-07-15", "budget": "1200 EUR"}}, LATER, "ada", ADA)
    assert changed == {project: {"due", "budget"}}
    row = store.execute(select(Project.due, Project.budget, Project.budget_currency)).one()
    assert row == (date(2026, 7, 15), Decimal("1200.00"), "EUR")
    kept = held(store, [project])[project]["due"]
    assert (kept.told, kept.told_by, kept.entered, kept.entered_by, kept.entered_at, kept.conflict) == (
        Value("2026-06-30"),
        world.tracker_id,
        Value("2026-07-15"),
        "ada",
        LATER,
        True,
    )
    tell(store, world.tracker_id, LATER, {project: {"due": Value("2026-08-01")}})
    assert store.execute(select(Project.due, Project.client)).one() == (date(2026, 7, 15), None)
    enter(store, {project: {"due": "", "budget": " "}}, LATER, "ada", ADA)
    assert store.execute(select(Project.due, Project.budget)).one() == (date(2026, 8, 1), None)
    assert set(held(store, [project])[project]) == {"due"}  # of what nobody says anything, nothing is kept


def test_telling_the_same_again_writes_nothing(world: World) -> None:
    store, project = world.connection, world.project("One")
    told = {project: {"due": Value("2026-06-30"), "manager": Value(person_id=world.person("Mia"))}}
    tell(store, world.tracker_id, NOW, told)
    before = store.execute(select(TABLE)).all()
    tell(store, world.tracker_id, LATER, told)
    assert store.execute(select(TABLE)).all() == before


def test_what_the_store_held_without_anybody_having_said_it_stays(world: World) -> None:
    store, project = world.connection, world.project("One", segment="Retail")
    tell(store, world.tracker_id, NOW, {project: {"due": Value("2026-06-30")}})
    assert store.scalar(select(Project.segment)) == "Retail"


def test_all_or_nothing_with_every_fault(world: World) -> None:
    store, one, two = world.connection, world.project("One"), world.project("Two")
    twins = [world.person("Mia"), world.person("Mia")]
    typed = {
        one: {"budget": "many", "segment": "Retail", "manager": "Mia"},
        two: {"colour": "red", "sponsor": "Nobody", "benefits_owner": f"Mia [{twins[1]}]"},
    }
    with pytest.raises(RefusedError) as refused:
        enter(store, typed, NOW, "ada", ADA)
    assert [(each.project_id, each.field) for each in refused.value.faults] == [
        (one, "budget"),
        (one, "manager"),
        (two, "colour"),
        (two, "sponsor"),
    ]
    assert f"numbers {twins[0]}, {twins[1]}" in refused.value.faults[1].message
    assert store.execute(select(TABLE)).all() == []
    del typed[one]["budget"], typed[one]["manager"], typed[two]["colour"], typed[two]["sponsor"]
    assert set(enter(store, typed, NOW, "ada", ADA)) == {one, two}
    assert store.scalars(select(Project.benefits_owner_id).order_by(Project.id)).all() == [None, twins[1]]


def test_dates_out_of_order_are_refused(engine: Engine) -> None:
    with writing(engine) as store:
        world = World(store)
        project = world.project("One")
        tell(store, world.tracker_id, NOW, {project: {"start": Value("2026-05-01")}})
    with pytest.raises(RefusedError, match="due before it starts"), writing(engine) as store:
        enter(store, {project: {"due": "2026-04-01"}}, NOW, "ada", ADA)
    with reading(engine) as store:
        assert store.execute(select(Project.due, Project.start)).one() == (None, date(2026, 5, 1))


def test_it_is_noted_with_persons_by_number(world: World) -> None:
    store, project, mia = world.connection, world.project("One"), world.person("Mia")
    enter(store, {project: {"sponsor": str(mia), "client": "Acme"}}, NOW, "ada", ADA)
    enter(store, {project: {"sponsor": str(mia)}}, LATER, "bea", ADA)
    query = select(AuditEntry.action, AuditEntry.subject_id, AuditEntry.user_id, AuditEntry.old, AuditEntry.new)
    assert store.execute(query).all() == [
        (
            "project.data_entered",
            project,
            7,
            '{"client":null,"sponsor":null}',
            f'{{"client":"Acme","sponsor":{mia}}}',
        )
    ]
    assert held(store, [project])[project]["sponsor"].entered_by == "ada"


def sees(world: World, role: Role, scope: Scope, person_id: int | None = None) -> list[int]:
    viewer = Viewer(1, person_id, frozenset({Grant(role, scope)}))
    return sorted(world.connection.scalars(visible_projects(viewer)))


def test_who_sees_a_project_follows_at_once(world: World) -> None:
    store, one, two = world.connection, world.project("One"), world.project("Two")
    mia, ned = world.person("Mia"), world.person("Ned")
    retail, own = Scope(ScopeType.SEGMENT, segment="Retail"), Scope(ScopeType.OWN)
    tell(store, world.tracker_id, NOW, {one: {"manager": Value(person_id=ned)}, two: {}})
    assert sees(world, Role.EXECUTIVE, retail) == sees(world, Role.EXECUTIVE, own, mia) == []
    assert sees(world, Role.PROJECT_MANAGER, own, ned) == [one]
    entered = {"segment": "Retail", "sponsor": str(mia), "manager": str(mia)}
    enter(store, {one: entered}, NOW, "ada", ADA)
    assert sees(world, Role.EXECUTIVE, retail) == sees(world, Role.EXECUTIVE, own, mia) == [one]
    assert sees(world, Role.PROJECT_MANAGER, own, ned) == []
    enter(store, {one: dict.fromkeys(entered, "")}, NOW, "ada", ADA)
    assert sees(world, Role.EXECUTIVE, retail) == sees(world, Role.EXECUTIVE, own, mia) == []
    assert sees(world, Role.PROJECT_MANAGER, own, ned) == [one]
