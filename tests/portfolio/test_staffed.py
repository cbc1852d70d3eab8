"""Figures of all persons together: what they logged of what they could, and what they are to do of what they can."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from portfolio.access.suppression import LEAST
from portfolio.audit.entry import SYSTEM
from portfolio.capacity.working_time import tell_working_time
from portfolio.facts.gather import ProjectFacts, day_of
from portfolio.facts.staffed import Ahead, Closed, Roles, Staffed
from portfolio.figures.explain import explain
from portfolio.figures.rollup import compute, roll_up
from portfolio.kpis import persons
from portfolio.kpis.catalogue import KPIS, OF_PERSONS
from portfolio.kpis.reading import Rag, Reading, Reason
from portfolio.model.base import EVER, FAR
from portfolio.model.oversight import KpiValue
from portfolio.model.people import Allocation, Person, TimeOff
from portfolio.model.resources import PersonSkill, PersonTerms, RoleSkill
from portfolio.model.work import Worklog
from portfolio.resources.staffed import read_closed
from portfolio.resources.working_time import WorkingTime
from tests.portfolio.builders import World, noon

TODAY = date(2026, 3, 4)
NOW = noon(TODAY)
HOUR = 3600
# The four weeks that were over: 2026-02-02 to 2026-03-01, twenty days of work.
WEEK = date(2026, 2, 2)


class Staff:
    """Five persons who work eight hours a day, Monday to Friday; nothing goes to meetings."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ids = [world.person(name) for name in ("Ada", "Ben", "Cy", "Mia", "Ned")]
        self.project = world.project("Build")
        self.tracker = world.tracker("time")
        tell_working_time(world.connection, WorkingTime(overhead_percent=0), EVER, NOW, SYSTEM)
        world.connection.execute(update(Person).values(role="Dev"))

    def log(self, person: int | None, day: date, hours: float, **own: Any) -> None:
        number = str(next(self.world.numbers))
        row = {"connection_id": self.tracker, "external_id": number, "work_date": day, "seconds": round(hours * HOUR)}
        self.world.connection.execute(insert(Worklog).values(**row, person_id=person, project_id=self.project, **own))

    def terms(self, person: int, since: date, until: date, fte: float) -> None:
        row = {"person_id": person, "valid_from": since, "valid_to": until, "fte": fte}
        self.world.connection.execute(insert(PersonTerms).values(**row))

    def read(self, kpi: str, as_of: date = TODAY) -> Reading:
        """The reading of a day, as it is explained."""
        found = explain(self.world.connection, ("all", 0), kpi, as_of, NOW)
        assert found is not None
        assert found.now is not None
        return found.now


@pytest.fixture
def staff(world: World) -> Staff:
    return Staff(world)


def test_what_was_logged_of_what_could_be_in_weeks_that_were_over(staff: Staff) -> None:
    ada, ben, cy, mia, ned = staff.ids
    for place in range(28):
        staff.log(ada, WEEK + timedelta(days=place), 10)
    staff.log(ben, WEEK, 4, billable=True)
    staff.log(ben, WEEK, 100, rejected=True)
    staff.log(cy, WEEK - timedelta(days=1), 50)
    staff.log(cy, TODAY, 50)
    staff.log(None, WEEK, 16)
    staff.terms(mia, EVER, WEEK + timedelta(days=14), 1)
    staff.terms(mia, WEEK + timedelta(days=14), FAR, 0.5)
    staff.world._add(TimeOff, person_id=ned, start=WEEK, end=WEEK + timedelta(days=27))
    found = staff.read("RES-01")
    # Ada, Ben and Cy 160 hours each, Mia 80 and 40; Ned was away all the time, so there are four of them.
    assert (found.value, found.reason, found.n) == (None, Reason.INSUFFICIENT_SAMPLE, 4)
    staff.terms(ned, EVER, FAR, 1)
    staff.world.connection.execute(update(TimeOff).values(end=WEEK + timedelta(days=20)))
    found = staff.read("RES-01")
    assert (found.numerator, found.denominator, found.n) == (284, 3 * 160 + 120 + 40, 5)
    assert (found.value, found.coverage, found.rag) == (Fraction(284, 640), Fraction(284, 300), Rag.RED)
    assert {part.symbol: part.value for part in found.parts}["billable"] == 4
    # Ada's seventy hours of a week are forty of her capacity, and fill nobody else's gap.
    assert staff.read("DQ-05").numerator == 4 * 40 + 4


def test_a_past_day_is_read_by_what_held_then(staff: Staff) -> None:
    for person in staff.ids:
        staff.log(person, WEEK, 8)
    before = staff.read("RES-01", TODAY)
    assert (before.numerator, before.denominator) == (40, 800)
    for person in staff.ids:
        staff.terms(person, EVER, TODAY, 1)
        staff.terms(person, TODAY, FAR, 0)
    gone = staff.ids[0]
    staff.world.connection.execute(update(Person).where(Person.id == gone).values(active=False))
    assert staff.read("RES-01", TODAY) == before
    assert staff.read("RES-01", TODAY - timedelta(days=7)).numerator == 40
    assert staff.read("RES-01", WEEK).numerator == 0
    for kpi in ("RES-02", "RES-03", "RES-04", "RES-07", "RES-09"):
        assert staff.read(kpi, TODAY - timedelta(days=1)).reason is Reason.NOT_KEPT


def test_who_went_counts_up_to_the_day_of_the_last_time_they_logged(staff: Staff) -> None:
    untold, told, silent, *_ = staff.ids
    for person in (untold, told):
        staff.log(person, WEEK, 8)
        staff.log(person, WEEK + timedelta(days=7), 6)
    staff.terms(told, EVER, FAR, 0.5)
    staff.world.connection.execute(update(Person).where(Person.id.in_([untold, told, silent])).values(active=False))
    closed = read_closed(staff.world.connection, TODAY)
    # A week and a day, of the other half of it; who never logged anything does not count.
    assert (closed.persons, closed.capacity, closed.logged) == (4, 48 + 24 + 2 * 160, 28)
    assert (closed.kept, closed.elsewhere) == (14 + 12, 0)


def test_what_nobody_can_do_stands_beside_what_all_can(staff: Staff) -> None:
    gone, away = staff.world.person("Old"), staff.world.person("Far")
    staff.terms(away, EVER, FAR, 0)
    staff.world.connection.execute(update(Person).where(Person.id == gone).values(active=False))
    for person, hours in ((gone, 300), (away, 60), (staff.ids[0], 72)):
        staff.world.item(staff.project, assignee_id=person, remaining_s=hours * HOUR, due=TODAY + timedelta(days=1))
    load, over = staff.read("RES-02"), staff.read("RES-03")
    assert (load.numerator, load.denominator, load.coverage) == (72, 720, Fraction(72, 432))
    assert (over.value, over.n, over.coverage) == (56, 5, Fraction(72, 432))
    beside = [{part.symbol: part.value for part in it.parts} for it in (load, over)]
    assert [it["elsewhere"] for it in beside] == [360, 360]
    assert beside[1]["persons"] == 1


def test_work_of_no_known_role_is_missing_to_none(staff: Staff) -> None:
    staff.world.item(staff.project, remaining_s=720 * HOUR, due=TODAY, role=None)
    staff.world.item(staff.project, remaining_s=20 * HOUR, due=TODAY, role="QA")
    found = staff.read("RES-04")
    assert (found.value, found.n, found.coverage) == (-20, 2, Fraction(20, 740))
    assert {part.symbol: part.value for part in found.parts}["elsewhere"] == 720
    staff.world.connection.execute(update(Person).values(role=None))
    assert staff.read("RES-04").reason is Reason.NOT_APPLICABLE


def test_what_is_to_be_done_of_what_can_be(staff: Staff) -> None:
    world, (ada, ben, *_) = staff.world, staff.ids
    world.item(staff.project, assignee_id=ada, remaining_s=30 * HOUR, due=TODAY + timedelta(days=1))
    world.item(staff.project, assignee_id=ben, remaining_s=10 * HOUR, due=TODAY + timedelta(days=1))
    world.item(staff.project, remaining_s=20 * HOUR, due=TODAY, role="QA")
    row = {"project_id": staff.project, "start": TODAY, "end": TODAY, "hours_per_day": 4}
    world._add(Allocation, person_id=ben, kind="soft", **row)
    # From Wednesday on 18 days of work in four weeks.
    load = staff.read("RES-02")
    assert (load.numerator, load.denominator, load.n) == (40, 5 * 8 * 18, 5)
    assert {part.symbol: part.value for part in load.parts}["soft"] == 4
    over = staff.read("RES-03")
    assert (over.value, over.judged, over.rag) == (14, Fraction(14, 720), Rag.AMBER)
    assert {part.symbol: part.value for part in over.parts}["persons"] == 1
    # Nobody is QA: what is free of Dev does not help.
    gap = staff.read("RES-04")
    assert (gap.value, gap.n, gap.rag) == (-20, 2, Rag.AMBER)
    for person in staff.ids[1:]:
        world.connection.execute(update(Person).where(Person.id == person).values(active=False))
    assert {staff.read(kpi).reason for kpi in ("RES-02", "RES-03", "RES-04")} == {Reason.INSUFFICIENT_SAMPLE}


def test_how_far_bookings_and_time_logged_agree(staff: Staff) -> None:
    week = {"start": WEEK, "end": WEEK + timedelta(days=4), "project_id": staff.project, "hours_per_day": 8}
    for place, person in enumerate(staff.ids):
        staff.world._add(Allocation, person_id=person, kind="hard", **week)
        staff.log(person, WEEK, 10 * place)
    found = staff.read("RES-07")
    # Booked are 40 hours each, logged 0 to 40.
    assert (found.numerator, found.denominator, found.n, found.rag) == (100, 200, 5, Rag.RED)
    staff.world.connection.execute(update(Allocation).where(Allocation.person_id != staff.ids[0]).values(kind="soft"))
    staff.world.connection.execute(delete(Worklog).where(Worklog.person_id == staff.ids[1]))
    assert staff.read("RES-07").reason is Reason.INSUFFICIENT_SAMPLE
    staff.world.connection.execute(update(Allocation).values(kind="soft"))
    assert staff.read("RES-07").reason is Reason.NOT_APPLICABLE


def test_time_logged_where_nobody_is_booked_is_held_against_no_plan(staff: Staff) -> None:
    for person in staff.ids:
        staff.log(person, WEEK, 8)
    assert staff.read("RES-07").reason is Reason.NOT_APPLICABLE
    booked = {"start": WEEK, "end": WEEK, "hours_per_day": 8, "kind": "hard", "project_id": staff.world.project()}
    for person in staff.ids:
        staff.world._add(Allocation, person_id=person, **booked)
    found = staff.read("RES-07")
    assert (found.numerator, found.denominator, found.n) == (0, 40, 5)


def test_which_skills_do_not_hang_on_one_person(staff: Staff) -> None:
    def told(person: int, skill: str, level: int, since: date = EVER) -> None:
        row = {"person_id": person, "skill": skill, "level": level, "valid_from": since}
        staff.world.connection.execute(insert(PersonSkill).values(**row))

    assert staff.read("RES-09").reason is Reason.NOT_APPLICABLE
    for role, skill, level in (("Dev", "Python", 3), ("Dev", "SQL", 1), ("QA", "Python", 1)):
        staff.world.connection.execute(insert(RoleSkill).values(role=role, skill=skill, level=level))
    ada, ben, cy, mia, ned = staff.ids
    told(ada, "Python", 4)
    told(ben, "Python", 2)
    told(ben, "Python", 3, TODAY + timedelta(days=1))
    assert staff.read("RES-09").reason is Reason.INSUFFICIENT_SAMPLE
    for person in (cy, mia, ned):
        told(person, "Go", 5)
    told(cy, "SQL", 1)
    found = staff.read("RES-09")
    assert (found.numerator, found.denominator, found.rag) == (1, 3, Rag.RED)
    told(mia, "SQL", 5)
    assert staff.read("RES-09").numerator == 2
    told(mia, "SQL", 0, TODAY)
    assert staff.read("RES-09").numerator == 1


def test_they_are_kept_of_everything_alone_and_read_with_every_roll_up(staff: Staff) -> None:
    world = staff.world
    project = world.project(program_id=world.program("G", world.portfolio("F")))
    kept = select(KpiValue.scope_type, KpiValue.scope_id, KpiValue.kpi, KpiValue.value, KpiValue.reason)
    kept = kept.where(KpiValue.kpi.in_(OF_PERSONS)).order_by(KpiValue.kpi)

    def rows() -> list[tuple[Any, ...]]:
        return [tuple(row) for row in world.connection.execute(kept)]

    roll_up(world.connection, as_of=TODAY, now=NOW, project_ids=[project])
    before = rows()
    assert [row[:3] for row in before] == [("all", 0, kpi) for kpi in OF_PERSONS]
    assert {row[2]: row[3] for row in before}["RES-02"] == 0
    world.item(project, assignee_id=staff.ids[0], remaining_s=72 * HOUR, due=TODAY + timedelta(days=20))
    # What a run that was killed had read must not stand until the day ends.
    roll_up(world.connection, as_of=TODAY, now=NOW, project_ids=[project])
    assert {row[2]: row[3] for row in rows()}["RES-02"] == 0.1
    assert roll_up(world.connection, as_of=TODAY, now=NOW, project_ids=[project]) == 0


def test_no_project_has_any_and_a_past_day_can_be_computed_anew(staff: Staff) -> None:
    for person in staff.ids:
        staff.log(person, WEEK, 8)
    told = compute(staff.world.connection, day_of(staff.world.connection, TODAY - timedelta(days=1), NOW))
    found = {it.kpi: (it.value, it.reason) for it in told["all", 0] if it.kpi in OF_PERSONS}
    assert found["RES-01"] == (0.05, None)
    assert found["RES-02"] == (None, "NOT_KEPT")
    assert not {it.kpi for it in told["project", staff.project]} & set(OF_PERSONS)


CLOSED = Closed(5, Fraction(800), Fraction(600), Fraction(0), Fraction(590), Fraction(0), True)
AHEAD = Ahead(5, Fraction(800), Fraction(600), Fraction(0), Fraction(0), 0, Fraction(0))
ROLES = Roles(Fraction(2400), Fraction(2000), Fraction(0), 3, 0, Fraction(0))


@pytest.mark.parametrize(
    ("kpi", "staffed", "value", "told"),
    [
        ("RES-01", Staffed(CLOSED), Fraction(3, 4), Rag.GREEN),
        ("DQ-05", Staffed(CLOSED), Fraction(59, 80), Rag.RED),
        ("RES-02", Staffed(CLOSED, AHEAD, ROLES), Fraction(3, 4), Rag.GREEN),
        ("RES-03", Staffed(CLOSED, AHEAD, ROLES), Fraction(0), Rag.GREEN),
        ("RES-04", Staffed(CLOSED, AHEAD, ROLES), Fraction(0), Rag.GREEN),
        ("RES-01", Staffed(Closed(5, *[Fraction(0)] * 5, True)), None, Reason.NOT_APPLICABLE),
        ("DQ-05", Staffed(Closed(5, Fraction(800), *[Fraction(0)] * 4, False)), None, Reason.NOT_APPLICABLE),
        ("RES-02", Staffed(CLOSED, Ahead(0, *[Fraction(0)] * 4, 0, Fraction(0)), ROLES), None, Reason.NOT_APPLICABLE),
        ("RES-03", None, None, Reason.NOT_APPLICABLE),
    ],
)  # fmt: skip
def test_where_colours_begin_and_where_there_is_no_value(
    world: World, kpi: str, staffed: Staffed | None, value: Fraction | None, told: Rag | Reason
) -> None:
    found = KPIS[kpi].read(ProjectFacts(staffed=staffed), day_of(world.connection, TODAY, NOW))
    assert found.value == value
    assert (found.rag if value is not None else found.reason) is told


def test_as_few_persons_as_are_suppressed_elsewhere_have_no_figures() -> None:
    assert persons.LEAST == LEAST
