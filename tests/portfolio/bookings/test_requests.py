"""Requests for people: who may do what in which state, what is booked after it, and two who act at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, func, insert, select

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.access.viewer import Viewer
from portfolio.audit.entry import Actor, ActorKind
from portfolio.bookings.asking import Action, Ask, RequestError, Side, State, decide, possible, wrong_ask
from portfolio.bookings.effects import Effect, Over
from portfolio.bookings.keep import UnconfirmedError, change, find_booking
from portfolio.bookings.requests import Deed, act, ask_for, find_request
from portfolio.bookings.sides import sides_of
from portfolio.bookings.suggest import Candidate, rank, suggest
from portfolio.bookings.wish import Wish
from portfolio.faults import EntryError, require
from portfolio.model.access import AuditEntry, User
from portfolio.model.people import Allocation, Person, TimeOff
from portfolio.model.resources import PersonSkill, RequestStep, ResourceRequest
from portfolio.resources.plan import read_plan
from portfolio.store.engine import reading, writing
from tests.portfolio.builders import World

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY, FRIDAY = NOW.date(), date(2026, 3, 6)
ASKING, STAFFING = frozenset({Side.ASKING}), frozenset({Side.STAFFING})
BOTH = ASKING | STAFFING
TOO_MUCH = Effect((Over(TODAY, 5.0, 5.0),))
HOUR = 3600

# By state and action: who may do it (A who asks, S who staffs), and the state after it.
TABLE = {
    ("open", "propose"): ("S", "proposed"),
    ("open", "decline"): ("S", "declined"),
    ("open", "withdraw"): ("A", "withdrawn"),
    ("proposed", "propose"): ("S", "proposed"),
    ("proposed", "decline"): ("S", "declined"),
    ("proposed", "accept"): ("A", "accepted"),
    ("proposed", "send_back"): ("A", "open"),
    ("proposed", "withdraw"): ("A", "withdrawn"),
}
WHO = {"": frozenset[Side](), "A": ASKING, "S": STAFFING, "AS": BOTH}


@pytest.mark.parametrize(("state", "action", "who"), list(product(State, Action, WHO)))
def test_every_state_action_and_side(state: State, action: Action, who: str) -> None:
    side, after = TABLE.get((state, action), ("", None))
    may = after is not None and side in who and bool(who)
    assert (action in possible(state, WHO[who], over=False)) is may
    if may:
        assert decide(state, action, WHO[who], "a reason") == after
    else:
        with pytest.raises(RequestError):
            decide(state, action, WHO[who], "a reason")


def test_a_reason_is_wanted_of_who_says_no_and_no_days_are_booked_that_are_over() -> None:
    for state, action in (("proposed", "send_back"), ("open", "decline")):
        with pytest.raises(RequestError, match="Give the reason"):
            decide(State(state), Action(action), BOTH, "  ")
    assert decide(State.OPEN, Action.WITHDRAW, BOTH) is State.WITHDRAWN
    for state, action in (("open", "propose"), ("proposed", "accept")):
        with pytest.raises(RequestError, match="are over"):
            decide(State(state), Action(action), BOTH, over=True)
    assert possible(State.PROPOSED, BOTH, over=True) == (Action.DECLINE, Action.SEND_BACK, Action.WITHDRAW)


@pytest.mark.parametrize(
    ("role", "asked_by", "sides"),
    [
        (Role.PMO_LEAD, 9, BOTH),
        (Role.RESOURCE_MANAGER, 9, STAFFING),
        (Role.RESOURCE_MANAGER, 1, BOTH),
        (Role.PROJECT_MANAGER, 9, ASKING),
        (Role.PROGRAM_MANAGER, 9, frozenset()),
        (Role.PROGRAM_MANAGER, 1, ASKING),
        (Role.AUDITOR, 9, frozenset()),
        (Role.EXECUTIVE, 1, frozenset()),
    ],
)
def test_for_whom_a_role_acts(role: Role, asked_by: int, sides: frozenset[Side]) -> None:
    assert sides_of(Viewer(1, None, usual(role)), asked_by) == sides


def ask(project: int = 1, **values: Any) -> Ask:
    return replace(Ask(project, "Tester", Decimal(16), TODAY, date(2026, 3, 13)), **values)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"role": ""}, "role"),
        ({"level": 3}, "level"),
        ({"skill": "Go", "level": 6}, "level"),
        ({"skill": "x" * 101}, "skill"),
        ({"answer_by": TODAY - timedelta(days=1)}, "answer_by"),
        ({"answer_by": date(2026, 3, 14)}, "answer_by"),
        ({"start": TODAY - timedelta(days=1)}, "start"),
        ({"end": TODAY - timedelta(days=1)}, "end"),
        ({"hours": Decimal(0)}, "amount"),
        ({"hours": Decimal(300)}, "amount"),
    ],
)
def test_what_cannot_be_asked_for(values: dict[str, Any], field: str) -> None:
    with pytest.raises(EntryError) as refused:
        require(wrong_ask(ask(**values), TODAY))
    assert [it.field for it in refused.value.faults] == [field]


@pytest.fixture
def by(world: World) -> Actor:
    user = world._add(User, name="pm", origin="local", active=True, created_at=NOW, session_epoch=0)
    return Actor(ActorKind.USER, user)


def do(world: World, request_id: int, action: Action, by: Actor, sides: frozenset[Side] = BOTH, **deed: Any) -> State:
    now = deed.pop("now", NOW)
    found = find_request(world.connection, request_id)
    assert found is not None
    return act(world.connection, request_id, Deed(action, found.last_step, **deed), sides, now, by)


def booked(world: World) -> list[tuple[Any, ...]]:
    it = Allocation
    rows = world.connection.execute(
        select(it.person_id, it.placeholder, it.start, it.end, it.total_hours, it.kind).order_by(it.id)
    )
    return [tuple(row) for row in rows]


def test_from_asking_to_a_firm_booking(world: World, by: Actor) -> None:
    ada, ben, project = world.person("Ada"), world.person("Ben"), world.project()
    request_id = ask_for(world.connection, ask(project), "for the <b>launch", NOW, by, confirmed=True)
    days = (TODAY, date(2026, 3, 13), Decimal(16))
    assert booked(world) == [(None, "Tester", *days, "soft")]
    do(world, request_id, Action.PROPOSE, by, STAFFING, person_id=ada)
    assert booked(world) == [(ada, None, *days, "soft")]
    do(world, request_id, Action.SEND_BACK, by, ASKING, note="knows it not")
    assert booked(world) == [(None, "Tester", *days, "soft")]
    do(world, request_id, Action.PROPOSE, by, STAFFING, person_id=ada)
    do(world, request_id, Action.PROPOSE, by, STAFFING, person_id=ben, note="is free")
    held = find_booking(world.connection, world.connection.execute(select(Allocation.id)).scalar_one())
    assert held is not None
    with pytest.raises(EntryError, match="Decide about the request"):
        change(world.connection, held.id, held.mark(TODAY), held.wish, Effect(), NOW, by)
    do(world, request_id, Action.ACCEPT, by, ASKING)
    assert booked(world) == [(ben, None, *days, "hard")]
    steps = world.connection.execute(select(RequestStep.state, RequestStep.person_id, RequestStep.note))
    assert [tuple(step) for step in steps] == [
        ("open", None, "for the <b>launch"), ("proposed", ada, ""), ("open", ada, "knows it not"),
        ("proposed", ada, ""), ("proposed", ben, "is free"), ("accepted", ben, ""),
    ]  # fmt: skip
    noted = list(world.connection.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    said = ["asked", "proposed", "sent_back", "proposed", "proposed", "accepted"]
    assert noted == [f"request.{each}" for each in said]
    assert "launch" not in "".join(filter(None, world.connection.scalars(select(AuditEntry.new))))


@pytest.mark.parametrize(("action", "sides"), [(Action.DECLINE, STAFFING), (Action.WITHDRAW, ASKING)])
def test_nothing_stays_booked_from_today_on(world: World, by: Actor, action: Action, sides: frozenset[Side]) -> None:
    request_id = ask_for(world.connection, ask(world.project()), "", NOW, by, confirmed=True)
    later = NOW + timedelta(days=2)
    do(world, request_id, action, by, sides, note="no", now=later)
    # Two of ten days are over: what was proposed for them stays.
    assert booked(world) == [(None, "Tester", TODAY, date(2026, 3, 3), Decimal("3.2"), "soft")]
    other = ask_for(world.connection, ask(world.project(), start=FRIDAY), "", NOW, by, confirmed=True)
    do(world, other, action, by, sides, note="no")
    assert len(booked(world)) == 1


def test_nothing_is_booked_for_who_is_sent_back_when_the_days_are_over(world: World, by: Actor) -> None:
    request_id = ask_for(world.connection, ask(world.project()), "", NOW, by, confirmed=True)
    do(world, request_id, Action.PROPOSE, by, person_id=world.person("Ada"))
    before = booked(world)
    do(world, request_id, Action.SEND_BACK, by, note="too late", now=NOW + timedelta(days=14))
    assert booked(world) == before


def test_who_is_proposed_late_is_booked_from_that_day_on(world: World, by: Actor) -> None:
    ada = world.person("Ada")
    request_id = ask_for(world.connection, ask(world.project()), "", NOW, by, confirmed=True)
    wednesday = NOW + timedelta(days=2)
    do(world, request_id, Action.PROPOSE, by, person_id=ada, now=wednesday)
    assert booked(world) == [
        (None, "Tester", TODAY, date(2026, 3, 3), Decimal("3.2"), "soft"),
        (ada, None, date(2026, 3, 4), date(2026, 3, 13), Decimal(16), "soft"),
    ]
    do(world, request_id, Action.ACCEPT, by, now=wednesday)
    assert booked(world)[1][-1] == "hard"


def test_too_much_is_for_who_staffs_to_confirm(world: World, by: Actor) -> None:
    ada = world.person("Ada")
    request_id = ask_for(world.connection, ask(world.project()), "", NOW, by, confirmed=True)
    with pytest.raises(UnconfirmedError):
        do(world, request_id, Action.PROPOSE, by, STAFFING, person_id=ada, effect=TOO_MUCH)
    do(world, request_id, Action.PROPOSE, by, STAFFING, person_id=ada, effect=TOO_MUCH, confirmed=True)
    worse = Effect((Over(TODAY, 7.0, 7.0),))
    with pytest.raises(RequestError, match=r"7\.0 h too much by now, and 5\.0 h were agreed"):
        do(world, request_id, Action.ACCEPT, by, ASKING, effect=worse, confirmed=True)
    with pytest.raises(UnconfirmedError):
        do(world, request_id, Action.ACCEPT, by, BOTH, effect=worse)
    do(world, request_id, Action.ACCEPT, by, ASKING, effect=TOO_MUCH)
    other = ask_for(world.connection, ask(world.project()), "", NOW, by, confirmed=True)
    with pytest.raises(RequestError, match="none of these days"):
        do(world, other, Action.PROPOSE, by, person_id=ada, effect=Effect(idle=True), confirmed=True)


def test_whoever_looks_at_an_earlier_step_changes_nothing(world: World, by: Actor) -> None:
    ada, ben = world.person("Ada"), world.person("Ben")
    request_id = ask_for(world.connection, ask(world.project()), "", NOW, by, confirmed=True)
    do(world, request_id, Action.PROPOSE, by, person_id=ada)
    seen = find_request(world.connection, request_id)
    assert seen is not None
    do(world, request_id, Action.SEND_BACK, by, note="no")
    do(world, request_id, Action.PROPOSE, by, person_id=ben)
    before = booked(world)
    # The state is the one they saw, the person is not.
    with pytest.raises(RequestError, match="Somebody acted meanwhile: the request is proposed"):
        act(world.connection, request_id, Deed(Action.ACCEPT, seen.last_step), BOTH, NOW, by)
    assert booked(world) == before


def test_of_two_at_once_one_is_told(engine: Engine) -> None:
    with writing(engine) as store:
        world = World(store)
        user = world._add(User, name="pm", origin="local", active=True, created_at=NOW, session_epoch=0)
        by, ada = Actor(ActorKind.USER, user), world.person("Ada")
        request_id = ask_for(store, ask(world.project()), "", NOW, by, confirmed=True)
        do(world, request_id, Action.PROPOSE, by, person_id=ada)
        seen = find_request(store, request_id)
        assert seen is not None
    ready = Barrier(2, timeout=30)

    def attempt(action: Action) -> str:
        ready.wait()
        try:
            with writing(engine) as store:
                return act(store, request_id, Deed(action, seen.last_step, note="no"), BOTH, NOW, by)
        except RequestError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(attempt, (Action.ACCEPT, Action.DECLINE)))
    assert sum("Somebody acted" in each for each in told) == 1
    with reading(engine) as store:
        state = store.scalar(select(ResourceRequest.state))
        assert state in told
        assert store.scalar(select(func.count()).select_from(RequestStep)) == 3
        kinds = list(store.scalars(select(Allocation.kind)))
        assert kinds == (["hard"] if state == "accepted" else [])


def test_who_could_do_it(world: World) -> None:
    def person(name: str, role: str, **values: Any) -> int:
        return world._add(Person, name=name, role=role, **values)

    def skilled(who: int, level: int, since: date = date(2026, 1, 1)) -> None:
        row = {"person_id": who, "skill": "Übung", "valid_from": since, "level": level}
        world.connection.execute(insert(PersonSkill).values(**row))

    ada, ben, cy = (person(name, "Tester") for name in ("Ada", "Ben", "Cy"))
    mia, ned, away, gone = (
        person("Mia", "Engineer"), person("Ned", "Engineer"), person("Away", "Tester"),
        person("Gone", "Tester", active=False),
    )  # fmt: skip
    for who, level in ((ada, 3), (ben, 4), (cy, 2), (mia, 5), (away, 5), (gone, 5)):
        skilled(who, level)
    # Ada was better once, Cy will be: the latest level by the first day counts.
    skilled(ada, 5, date(2025, 1, 1))
    skilled(cy, 5, date(2026, 4, 1))
    world._add(TimeOff, person_id=away, start=TODAY, end=date(2026, 3, 20))
    one, two = world.project(), world.project()
    span = {"start": TODAY, "end": date(2026, 3, 13), "kind": "hard"}
    world._add(Allocation, person_id=ada, project_id=one, percent=25, **span)
    world.item(two, assignee_id=ada, due=FRIDAY, remaining_s=4 * HOUR)
    plan = read_plan(world.connection, TODAY, NOW)
    everybody = range(len(plan.persons))
    wanted = ask(two, skill="übung", level=3)
    found = suggest(world.connection, plan, wanted, everybody)
    # Ben and Ada have room for all 16 h, and Ada is in two projects. Mia has the skill alone, Cy the role alone.
    assert [it.person_id for it in found] == [ben, ada, cy, mia]
    assert [(it.level, it.same_role, it.projects) for it in found] == [
        (4, True, 0), (3, True, 2), (2, True, 0), (5, False, 0),
    ]  # fmt: skip
    # 64 h can be done in two weeks, a quarter is booked, 4 h are work.
    assert [round(it.slack, 6) for it in found] == [64.0, 44.0, 64.0, 64.0]
    assert ned not in {it.person_id for it in found}
    mine = [int(np.searchsorted(plan.persons, ada))]
    assert [it.person_id for it in suggest(world.connection, plan, wanted, mine)] == [ada]
    assert [it.person_id for it in suggest(world.connection, plan, ask(two), everybody, most=2)] == [ben, cy]


def test_room_for_all_of_it_is_enough_and_then_few_projects_count() -> None:
    def candidate(name: str, slack: float, projects: int) -> Candidate:
        return Candidate(1, name, same_role=True, level=None, slack=slack, proposed=0.0, projects=projects)

    some = [candidate("busy", 40, 3), candidate("short", 15, 0), candidate("few", 16, 1), candidate("free", 99, 2)]
    assert [it.name for it in rank(some, ask())] == ["few", "free", "busy", "short"]


def test_a_wish_of_a_request_names_a_person_or_the_role() -> None:
    assert ask().booking(FRIDAY, 7, "hard") == Wish(
        1, 7, None, FRIDAY, date(2026, 3, 13), total_hours=Decimal(16), kind="hard"
    )
    assert ask().booking(TODAY).role == "Tester"
