"""Goals of a tracker beside what was said of them here: syncs change what the tracker tells, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select, text, update

from connector.protocol import Stream
from connector.records import GoalRecord
from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND, SYSTEM
from portfolio.dated import on
from portfolio.faults import EntryError
from portfolio.figures.rollup import roll_up
from portfolio.model.base import FAR
from portfolio.model.oversight import KpiValue
from portfolio.model.people import Person
from portfolio.model.structure import Objective, ObjectiveLink, ObjectiveProject, Project
from portfolio.objectives.keep import change, find_objective, make
from portfolio.objectives.links import mark_of_links, read_said, say
from portfolio.objectives.wish import Wish
from portfolio.store.engine import reading, writing
from sync.capacity.exporting import table_out
from sync.capacity.importing import import_table, read_table
from sync.erasure import erase
from sync.identities.importing import Imported
from sync.mapping.profile import Profile
from sync.mapping.rules import Rules
from sync.objective_links import links_kind
from sync.write.ledger import Ledger
from sync.write.plans import write_goals
from sync.write.retire import retire
from tests.sync.builders import NOW, Tracker, item, project, rows
from webapp.accounts.users import add_account
from webapp.export import bare, csv_text

TODAY = NOW.date()
DAY = timedelta(days=1)
ANN = (NOW, "ann", COMMAND)
MADE = Wish("GROW", "Grow", "2026-Q1", status="on_track")


def goal(*projects: str, **fields: Any) -> GoalRecord:
    return GoalRecord(**({"external_id": "g", "name": "Goal", "project_ids": projects} | fields))


def link(engine: Engine, objective_id: int, project_id: int, strength: int, since: date = TODAY) -> None:
    with writing(engine) as store:
        seen = mark_of_links(store, objective_id)
        say(store, (objective_id, project_id), seen, strength, "Why", since, *ANN)


def aligned(tracker: Tracker) -> dict[int, float | None]:
    """BEN-02 of each project as it counts now."""
    it = KpiValue
    query = select(it.scope_id, it.value).where(it.kpi == "BEN-02", it.scope_type == "project", it.until == FAR)
    with reading(tracker.engine) as store:
        return dict(store.execute(query.where(it.superseded_at.is_(None))).all())  # type: ignore[arg-type]


@pytest.fixture
def goals(tracker: Tracker) -> Tracker:
    """Two projects with budgets, of which the first serves the one goal."""
    tracker.put(Stream.PROJECTS, project("P2")).put(Stream.GOALS, goal("P1")).put(Stream.ITEMS, item("1")).sync()
    with writing(tracker.engine) as store:
        store.execute(update(Project).values(budget=Decimal(100), budget_currency="EUR"))
        roll_up(store, as_of=TODAY, now=NOW)
    return tracker


def told(tracker: Tracker, *records: GoalRecord) -> None:
    """Have the tracker tell of these goals alone, and sync."""
    tracker.connector.content[Stream.GOALS][""] = []
    tracker.put(Stream.GOALS, *records).sync(most_retired=1.0)


def test_a_sync_leaves_what_was_said_here(goals: Tracker) -> None:
    assert aligned(goals) == {1: 1, 2: 0}
    link(goals.engine, 1, 1, 0)
    link(goals.engine, 1, 2, 3)
    with writing(goals.engine) as store:
        kept = find_objective(store, 1)
        assert kept is not None
        change(store, 1, kept.mark, replace(kept.wish, period="2026-Q2", weight=Decimal("0.5"), code="G"), *ANN)
    assert aligned(goals) == {1: 0, 2: 1}
    said = rows(goals.engine, ObjectiveLink)
    told(goals, goal("P1", "P2", name="Goal, renamed", status="at_risk"))
    assert rows(goals.engine, ObjectiveLink) == said
    assert rows(goals.engine, ObjectiveProject, "project_id") == [(1,), (2,)]
    names = ("title", "status", "period", "weight", "code", "gone_at")
    assert rows(goals.engine, Objective, *names) == [("Goal, renamed", "at_risk", "2026-Q2", Decimal("0.5"), "G", None)]
    assert aligned(goals) == {1: 0, 2: 1}
    before = [rows(goals.engine, each) for each in (Objective, ObjectiveLink, ObjectiveProject)]
    goals.sync()
    assert [rows(goals.engine, each) for each in (Objective, ObjectiveLink, ObjectiveProject)] == before


def test_a_goal_that_is_gone_takes_nothing_along_that_was_said_here(goals: Tracker) -> None:
    link(goals.engine, 1, 2, 3)
    said = rows(goals.engine, ObjectiveLink)
    other = goal(external_id="other", name="Other")
    told(goals, other)
    assert rows(goals.engine, ObjectiveLink) == said
    assert rows(goals.engine, ObjectiveProject) == []
    assert [(name, gone is None) for name, gone in rows(goals.engine, Objective, "title", "gone_at")] == [
        ("Goal", False), ("Other", True),
    ]  # fmt: skip
    # It counts for nothing while the tracker has it not, and goes on where it was when it comes back.
    assert aligned(goals) == {1: 0, 2: 0}
    told(goals, goal("P1"), other)
    assert aligned(goals) == {1: 1, 2: 1}
    assert rows(goals.engine, ObjectiveLink) == said


def test_a_goal_that_nothing_was_said_of_goes_altogether(goals: Tracker) -> None:
    told(goals, goal(external_id="other", name="Other"))
    assert rows(goals.engine, Objective, "title") == [("Other",)]
    with writing(goals.engine) as store:
        make(store, replace(MADE, parent_id=2), *ANN)
    # Something made here is part of it.
    told(goals, goal(external_id="third", name="Third"))
    assert rows(goals.engine, Objective, "title") == [("Other",), ("Grow",), ("Third",)]


def test_figures_follow_what_the_tracker_tells_of_a_goal(goals: Tracker) -> None:
    told(goals, goal("P2"))
    assert aligned(goals) == {1: 0, 2: 1}
    told(goals, goal("P2", status="missed"))
    assert aligned(goals) == {1: 0, 2: 0}


def test_an_erased_user_is_named_nowhere(goals: Tracker) -> None:
    with writing(goals.engine) as store:
        person_id = store.execute(insert(Person).values(name="Ann", active=True).returning(Person.id)).scalar_one()
        user_id = add_account(store, "ann", usual(Role.PMO_LEAD), NOW, SYSTEM, person_id=person_id)
        make(store, MADE, *ANN)
    link(goals.engine, 2, 1, 2)
    erase(goals.engine, person_id, "asked for", NOW, COMMAND)
    assert rows(goals.engine, ObjectiveLink, "said_by", "strength") == [(f"account {user_id}", 2)]
    assert rows(goals.engine, Objective, "entered_by") == [(None,), (f"account {user_id}",)]


def carried(tracker: Tracker) -> tuple[float | None, float | None, str | None]:
    """BEN-03 of all as it counts now: numerator, denominator and why there is none."""
    it = KpiValue
    query = select(it.numerator, it.denominator, it.reason).where(it.kpi == "BEN-03", it.scope_type == "all")
    with reading(tracker.engine) as store:
        found = store.execute(query.where(it.until == FAR, it.superseded_at.is_(None))).one()
    return found.numerator, found.denominator, found.reason


def test_figures_follow_goals_that_nobody_serves(goals: Tracker) -> None:
    lone = {"external_id": "lone", "name": "Lone"}
    told(goals)
    assert aligned(goals) == {1: None, 2: None}
    told(goals, goal(**lone))
    assert aligned(goals) == {1: 0, 2: 0}
    assert carried(goals)[1:] == (1, None)
    told(goals, goal(**lone), goal())
    assert carried(goals)[1:] == (2, None)
    told(goals, goal(**lone, status="missed"), goal())
    assert carried(goals)[1:] == (1, None)
    told(goals, goal(**lone, due=TODAY), goal())
    assert carried(goals)[1:] == (2, None)
    told(goals, goal(**lone, due=TODAY - DAY), goal())
    assert carried(goals)[1:] == (1, None)
    figures = rows(goals.engine, KpiValue)
    goals.sync()
    assert rows(goals.engine, KpiValue) == figures
    told(goals)
    assert aligned(goals) == {1: None, 2: None}


def waiting(engine: Engine) -> bool:
    """Whether somebody waits for a lock of the database."""
    with engine.connect() as store:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return bool(store.scalar(text(asked)))


@pytest.mark.parametrize("gone", [False, True])
def test_what_a_sync_brings_is_not_overwritten_by_who_saw_it_before(goals: Tracker, gone: bool) -> None:
    engine = goals.engine
    link(engine, 1, 2, 3)
    with reading(engine) as store:
        seen = find_objective(store, 1)
        assert seen is not None

    def attempt() -> str:
        try:
            with writing(engine) as store:
                change(store, 1, seen.mark, replace(seen.wish, code="G"), *ANN)
        except EntryError as error:
            return str(error)
        return "kept"

    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as store:
            ledger = Ledger(store, goals.id, Rules(Profile()), 1, NOW)
            if gone:
                retire(store, ledger, Stream.GOALS, {"g": "gone"})
            else:
                write_goals(store, ledger, [goal("P1", name="Goal, renamed", status="at_risk")])
            told = pool.submit(attempt)
            while engine.dialect.name == "postgresql" and not waiting(engine):
                assert not told.done()
        assert "Somebody changed it meanwhile" in told.result()
    found = [("Goal", None, None)] if gone else [("Goal, renamed", "at_risk", None)]
    assert rows(engine, Objective, "title", "status", "code") == found


def test_of_a_goal_only_what_was_said_here_is_written(goals: Tracker) -> None:
    asked: list[str] = []
    with writing(goals.engine) as store:
        event.listen(store, "before_cursor_execute", lambda *told: asked.append(told[2]))
        kept = find_objective(store, 1)
        assert kept is not None
        assert change(store, 1, kept.mark, replace(kept.wish, code="G"), *ANN)
    (written,) = (each for each in asked if each.startswith("UPDATE objective "))
    assert [name for name in ("title", "status", "due", "code") if f"{name}=" in written] == ["code"]


Take = Callable[..., Imported]


@pytest.fixture
def take(goals: Tracker) -> Take:
    """Takes a table of links in."""
    with writing(goals.engine) as store:
        make(store, MADE, *ANN)

    def taken(*lines: str, among: frozenset[int] = frozenset((1, 2)), dry: bool = False, name: str = "bea") -> Imported:
        head = "objective,project,from,to,strength,reason\r\n"
        with reading(goals.engine) as store:
            kind = links_kind(store, name, among)
        sheet = read_table((head + "\r\n".join(lines)).encode(), bare)
        return import_table(goals.engine, kind, sheet, NOW, COMMAND, dry=dry)

    return taken


def given_out(engine: Engine, among: frozenset[int] = frozenset((1, 2))) -> str:
    with reading(engine) as store:
        kind = links_kind(store, "bea", among)
        return csv_text(kind.head, table_out(store, kind))


def test_links_go_out_and_come_in_as_a_table(goals: Tracker, take: Take) -> None:
    codes = [code for (code,) in rows(goals.engine, Project, "code")]
    link(goals.engine, 2, 1, 2)
    done = take(f"GROW,{codes[1]},2026-03-02,,3,'=Money", f"goal-1,{codes[0]},2026-03-02,2026-03-31,0,Not so")
    assert (done.done, done.count("added")) == (True, 2)
    assert aligned(goals) == {1: 1, 2: 1}
    table = given_out(goals.engine)
    assert [line.split(",") for line in table.lstrip("\ufeff").split("\r\n")[:-1]] == [
        ["objective", "project", "from", "to", "strength", "reason"],
        ["GROW", codes[0], "2026-03-02", "", "2", "Why"],
        ["GROW", codes[1], "2026-03-02", "", "3", "'=Money"],
        ["goal-1", codes[0], "2026-03-02", "2026-03-31", "0", "Not so"],
    ]
    # What was given out changes nothing when it comes back, even of what is over by now.
    with writing(goals.engine) as store:
        store.execute(update(Project).values(status="closed"))
    before = rows(goals.engine, ObjectiveLink)
    again = take(*table.lstrip("\ufeff").split("\r\n")[1:-1], name="cem")
    assert (again.done, again.count("same")) == (True, 3)
    assert rows(goals.engine, ObjectiveLink) == before
    assert "is closed" in str(take(f"GROW,{codes[1]},2026-03-02,,1,Less").faults[0].fault)


def test_from_its_first_row_on_a_file_says_all_of_it(goals: Tracker, take: Take) -> None:
    code = rows(goals.engine, Project, "code")[0][0]
    link(goals.engine, 2, 1, 1, date(2026, 2, 1))
    link(goals.engine, 2, 1, 2, date(2026, 5, 1))
    assert take(f"GROW,{code},2026-03-02,2026-03-31,3,Now").done
    it = ObjectiveLink
    with reading(goals.engine) as store:
        query = select(it.valid_from, it.valid_to, it.strength, it.said_by).where(it.objective_id == 2)
        assert [tuple(row) for row in store.execute(query.order_by(it.valid_from))] == [
            (date(2026, 2, 1), date(2026, 3, 2), 1, "ann"), (date(2026, 3, 2), date(2026, 4, 1), 3, "bea"),
        ]  # fmt: skip
        assert on(read_said(store, [(2, 1)])[2, 1], date(2026, 5, 1)) is None


def test_a_file_with_a_wrong_row_changes_nothing(goals: Tracker, take: Take) -> None:
    one, two = (code for (code,) in rows(goals.engine, Project, "code"))
    bad = [
        "NONE,{two},2026-03-02,,1,x", "GROW,NONE,2026-03-02,,1,x", "GROW,{two},soon,,1,x", "GROW,{two},2026-03-03,,7,x",
        "GROW,{two},2026-03-04,,1,", "GROW,{two},2026-03-05,2026-03-01,1,x", "GROW,{two},1990-01-01,,1,x",
    ]  # fmt: skip
    done = take(f"GROW,{one},2026-03-02,,1,right", *(line.format(two=two) for line in bad))
    assert not done.done
    assert [answer.line for answer in done.faults] == [3, 4, 5, 6, 7, 8, 9]
    assert rows(goals.engine, ObjectiveLink) == []
    assert take(f"GROW,{one},2026-03-02,,1,right", dry=True).count("added") == 1
    assert rows(goals.engine, ObjectiveLink) == []


def test_projects_of_others_are_neither_shown_nor_changed(goals: Tracker, take: Take) -> None:
    one, two = (code for (code,) in rows(goals.engine, Project, "code"))
    link(goals.engine, 2, 1, 2)
    link(goals.engine, 2, 2, 2)
    assert one not in given_out(goals.engine, frozenset((2,)))
    done = take(f"GROW,{one},2026-03-02,,2,Why", among=frozenset((2,)))
    assert "no project that you may link" in str(done.faults[0].fault)
    assert take(f"GROW,{two},2026-03-02,,0,No", among=frozenset((2,))).done
    assert rows(goals.engine, ObjectiveLink, "project_id", "strength") == [(1, 2), (2, 0)]


def test_a_table_takes_no_two_statements_a_pair_to_write(goals: Tracker, take: Take) -> None:
    codes = [code for (code,) in rows(goals.engine, Project, "code")]
    asked: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if "objective_link" in statement and not statement.startswith("SELECT"):
            asked.append(statement.split()[0])

    event.listen(goals.engine, "before_cursor_execute", note)
    assert take(*(f"{ref},{code},2026-03-02,,3,Now" for ref in ("GROW", "goal-1") for code in codes)).done
    event.remove(goals.engine, "before_cursor_execute", note)
    assert asked == ["DELETE", "INSERT"]
    assert len(rows(goals.engine, ObjectiveLink)) == 4
