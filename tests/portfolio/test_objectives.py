"""Objectives made here and what is said of who serves them: what it does to figures, rules and conflicts, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update

from portfolio.audit.entry import COMMAND
from portfolio.faults import EntryError
from portfolio.figures.rollup import roll_up
from portfolio.model.access import AuditEntry
from portfolio.model.base import FAR
from portfolio.model.governance import RuleResult
from portfolio.model.oversight import KpiValue
from portfolio.model.structure import Objective, ObjectiveLink, ObjectiveProject, Project
from portfolio.objectives.keep import change, find_objective, make, retire
from portfolio.objectives.links import mark_of_links, say, withdraw
from portfolio.objectives.wish import Kept, Wish, last_day, wrong_parent
from portfolio.resources.weights import read_weights
from tests.portfolio.builders import World, noon, without_compliance

TODAY = date(2026, 3, 13)
NOW = noon(TODAY)
DAY = timedelta(days=1)
GROW = Wish("GROW-1", "Grow", "2026-Q1", status="on_track")
ANN = (NOW, "ann", COMMAND)


def value(world: World, kpi: str, scope: tuple[str, int] = ("all", 0), day: date = TODAY) -> tuple[Any, ...]:
    """Numerator, denominator and value of what counts on the day; else why there is none."""
    it = KpiValue
    own = (it.kpi == kpi, it.scope_type == scope[0], it.scope_id == scope[1], it.superseded_at.is_(None))
    query = select(it.numerator, it.denominator, it.value, it.reason).where(*own, it.as_of <= day, it.until > day)
    row = world.connection.execute(query).one()
    return (row.reason,) if row.value is None else (row.numerator, row.denominator, row.value)


def rule(world: World, project_id: int) -> str | None:
    it = RuleResult
    query = select(it.outcome).where(it.rule == "GOV-R02", it.project_id == project_id, it.until == FAR)
    return world.connection.scalar(query)


def held(world: World, objective_id: int) -> Kept:
    found = find_objective(world.connection, objective_id)
    assert found is not None
    return found


def tell(
    world: World, pair: tuple[int, int], strength: int, since: date = TODAY, why: str = "Why", now: datetime = NOW
) -> bool:
    seen = mark_of_links(world.connection, pair[0])
    return say(world.connection, pair, seen, strength, why, since, now, "ann", COMMAND)


def take_back(world: World, pair: tuple[int, int], since: date = TODAY) -> bool:
    return withdraw(world.connection, pair, mark_of_links(world.connection, pair[0]), since, NOW, COMMAND)


def alter(world: World, objective_id: int, **other: Any) -> bool:
    kept = held(world, objective_id)
    return change(world.connection, objective_id, kept.mark, replace(kept.wish, **other), *ANN)


def spans(world: World) -> list[tuple[Any, ...]]:
    it = ObjectiveLink
    query = select(it.objective_id, it.project_id, it.valid_from, it.valid_to, it.strength, it.reason)
    return [
        tuple(row) for row in world.connection.execute(query.order_by(it.objective_id, it.project_id, it.valid_from))
    ]


def noted(world: World) -> list[str]:
    actions = world.connection.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
    return [action for action in actions if action.startswith("objective.")]


@pytest.fixture
def two(world: World) -> tuple[int, int]:
    """A green project with 300 EUR and a red one with 100 EUR, both in execution."""
    without_compliance(world)
    told = {"budget_currency": "EUR", "phase": "execution", "contingency_currency": "EUR"}
    good = world.project("A", budget=Decimal(300), contingency=Decimal(90), **told)
    bad = world.project("B", budget=Decimal(100), contingency=Decimal(10), **told)
    for project in (good, bad):
        world.risk(project, "0.5", "100")
        again = {} if project == good else {"reopened_on": TODAY - 9 * DAY}
        for _ in range(5):
            world.finished(project, TODAY - 20 * DAY, TODAY - 5 * DAY, **again)
    roll_up(world.connection, as_of=TODAY, now=NOW)
    return good, bad


def test_figures_and_the_rule_follow_what_is_said(world: World, two: tuple[int, int]) -> None:
    good, bad = two
    of_projects = (KpiValue.kpi == "RAG", KpiValue.scope_type == "project", KpiValue.until == FAR)
    colours = world.connection.execute(select(KpiValue.scope_id, KpiValue.rag).where(*of_projects))
    assert {row.scope_id: row.rag for row in colours} == {good: "green", bad: "red"}
    assert value(world, "BEN-02") == value(world, "BEN-03") == ("NO_DATA",)
    assert (rule(world, good), rule(world, bad)) == ("fail", "fail")
    first = make(world.connection, GROW, *ANN)
    second = make(world.connection, replace(GROW, code="SAVE", title="Save"), *ANN)
    # Nobody serves them: 0 of 400 EUR, 0 of 2 objectives.
    assert value(world, "BEN-02") == (0, 400, 0)
    assert value(world, "BEN-03") == (0, 2, 0)
    assert value(world, "BEN-02", ("project", good)) == (0, 300, 0)
    assert tell(world, (first, good), 2)
    assert value(world, "BEN-02") == (300, 400, 0.75)
    assert value(world, "BEN-02", ("project", good)) == (300, 300, 1)
    assert value(world, "BEN-03") == (1, 2, 0.5)
    assert (rule(world, good), rule(world, bad)) == ("pass", "fail")
    # The other one is served by what is red: its money counts, but it is not carried.
    assert tell(world, (second, bad), 1)
    assert value(world, "BEN-02") == (400, 400, 1)
    assert value(world, "BEN-03") == (1, 2, 0.5)
    assert (rule(world, good), rule(world, bad)) == ("pass", "pass")
    assert tell(world, (second, bad), 0)
    assert value(world, "BEN-02") == (300, 400, 0.75)
    assert rule(world, bad) == "fail"
    # What nobody asks for any more is in no figure.
    retire(world.connection, first, held(world, first).mark, "achieved", *ANN)
    assert value(world, "BEN-02") == (0, 400, 0)
    assert value(world, "BEN-03") == (0, 1, 0)
    assert rule(world, good) == "fail"
    assert alter(world, first, status="at_risk")
    assert value(world, "BEN-02") == (300, 400, 0.75)
    assert take_back(world, (first, good))
    assert value(world, "BEN-02") == (0, 400, 0)
    assert noted(world) == [
        "objective.made", "objective.made", "objective.linked", "objective.linked", "objective.linked",
        "objective.retired", "objective.changed", "objective.link_withdrawn",
    ]  # fmt: skip


def test_what_was_said_counts_before_the_tracker_until_it_is_withdrawn(world: World, two: tuple[int, int]) -> None:
    good, bad = two
    goal = world.objective(good, connection_id=world.tracker_id, external_id="g")
    roll_up(world.connection, as_of=TODAY, now=NOW)
    assert value(world, "BEN-02") == (300, 400, 0.75)
    assert tell(world, (goal, good), 0)
    assert tell(world, (goal, bad), 3)
    assert value(world, "BEN-02") == (100, 400, 0.25)
    assert (rule(world, good), rule(world, bad)) == ("fail", "pass")
    told = world.connection.execute(select(ObjectiveProject.project_id, ObjectiveProject.strength)).all()
    assert [tuple(row) for row in told] == [(good, 1)]
    assert take_back(world, (goal, good))
    assert take_back(world, (goal, bad))
    assert not take_back(world, (goal, bad))
    assert value(world, "BEN-02") == (300, 400, 0.75)
    assert (rule(world, good), rule(world, bad)) == ("pass", "fail")
    assert spans(world) == []


def test_what_is_said_holds_from_its_day_on_and_the_past_stays(world: World, two: tuple[int, int]) -> None:
    good, _ = two
    first = make(world.connection, GROW, *ANN)
    pair = (first, good)
    yesterday, next_week = TODAY - DAY, TODAY + 7 * DAY
    assert tell(world, pair, 1, next_week, "later")
    assert value(world, "BEN-02") == (0, 400, 0)
    assert tell(world, pair, 2, TODAY, "now")
    assert not tell(world, pair, 2, TODAY, "now")
    assert value(world, "BEN-02") == (300, 400, 0.75)
    assert spans(world) == [(*pair, TODAY, next_week, 2, "now"), (*pair, next_week, FAR, 1, "later")]
    # A week later the figures of today are other ones, and those of then are what they were.
    later = NOW + 7 * DAY
    assert tell(world, pair, 0, later.date(), "no more", later)
    assert value(world, "BEN-02", day=later.date()) == (0, 400, 0)
    assert value(world, "BEN-02") == (300, 400, 0.75)
    # What is said of the past is marked, and changes no figure of the past.
    assert tell(world, pair, 3, yesterday, "was so already", later)
    assert spans(world) == [
        (*pair, yesterday, TODAY, 3, "was so already"), (*pair, TODAY, later.date(), 2, "now"),
        (*pair, later.date(), FAR, 0, "no more"),
    ]  # fmt: skip
    assert value(world, "BEN-02") == (300, 400, 0.75)
    newest = world.connection.scalars(select(AuditEntry.new).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert newest is not None
    assert '"correction":true' in newest
    # Withdrawn from a day on is all that was said of these days.
    seen = mark_of_links(world.connection, first)
    assert withdraw(world.connection, pair, seen, TODAY + DAY, later, COMMAND)
    assert spans(world) == [
        (*pair, yesterday, TODAY, 3, "was so already"), (*pair, TODAY, TODAY + DAY, 2, "now"),
    ]  # fmt: skip


def refused(world: World, objective_id: int | None = None, **other: Any) -> str:
    """What is said of an objective that cannot be so."""
    try:
        if objective_id is None:
            make(world.connection, replace(GROW, **other), *ANN)
        else:
            alter(world, objective_id, **other)
    except EntryError as error:
        return str(error)
    return "kept"


def test_weights_of_a_quarter_add_up_to_one_at_most(world: World) -> None:
    first = make(world.connection, replace(GROW, weight=Decimal("0.4")), *ANN)
    save = make(world.connection, replace(GROW, code="SAVE", weight=Decimal("0.5")), *ANN)
    told = "The weights of 2026-Q1 would add up to 1.2, more than 1: GROW-1 0.4, SAVE 0.5, and 0.3 of this one."
    assert refused(world, code="X", weight=Decimal("0.3")) == f"{told} At most 0.1 is left."
    assert make(world.connection, replace(GROW, code="X", weight=Decimal("0.1")), *ANN)
    assert make(world.connection, replace(GROW, code="Y", period="2026-Q2", weight=Decimal(1)), *ANN)
    # Of itself nothing is counted twice, what is dropped weighs nothing, and what comes back weighs again.
    assert "At most 0.4 is left" in refused(world, first, weight=Decimal("0.41"))
    assert alter(world, first, weight=Decimal("0.2"))
    assert alter(world, first, weight=Decimal("0.4"))
    retire(world.connection, save, held(world, save).mark, "dropped", *ANN)
    assert alter(world, first, weight=Decimal("0.9"))
    assert "At most 0 is left" in refused(world, save, status="on_track")


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"code": None}, "Give a code"), ({"code": "a b"}, "A code has"), ({"code": "goal-7"}, "A code has"),
        ({"code": "x" * 21}, "A code has"), ({"code": "gRow-1"}, "has that code already"),
        ({"title": ""}, "A title has"),
        ({"title": "a\u202eb"}, "A title has"), ({"title": "x" * 201}, "A title has"),
        ({"period": None}, "Give a quarter"),
        ({"period": "2026-Q5"}, "A quarter is written"), ({"period": "2025-Q4"}, "2025-Q4 is over"),
        ({"weight": Decimal(0)}, "A weight is"), ({"weight": Decimal("1.01")}, "A weight is"),
        ({"weight": Decimal("NaN")}, "A weight is"), ({"weight": Decimal("0.0001")}, "A weight is"),
        ({"metric_target": Decimal(5)}, "Say what the numbers measure"),
        ({"metric_name": "n", "metric_current": Decimal("Infinity")}, "Give a number"),
        ({"metric_name": "n", "metric_target": Decimal(10) ** 12}, "Give a number"),
        ({"status": "great"}, "A status is"), ({"parent_id": 98765}, "There is no such objective"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(world: World, other: dict[str, Any], told: str) -> None:
    make(world.connection, GROW, *ANN)
    assert told in refused(world, **({"code": "NEW"} | other))


def test_nothing_is_part_of_itself(world: World) -> None:
    top = make(world.connection, GROW, *ANN)
    middle = make(world.connection, replace(GROW, code="M", parent_id=top), *ANN)
    low = make(world.connection, replace(GROW, code="L", parent_id=middle), *ANN)
    assert "part of itself" in refused(world, top, parent_id=top)
    assert "part of this one already" in refused(world, top, parent_id=low)
    assert alter(world, low, parent_id=None)
    assert alter(world, top, parent_id=low)
    # Not even where a circle that has nothing to do with it were there already.
    assert list(wrong_parent(9, replace(GROW, parent_id=1), {1: 2, 2: 1, 9: None}, ())) == []


def test_two_who_change_it_at_once_do_not_overwrite_each_other(world: World, two: tuple[int, int]) -> None:
    first = make(world.connection, GROW, *ANN)
    seen, links = held(world, first).mark, mark_of_links(world.connection, first)
    assert alter(world, first, title="Grow more")
    for act in (
        lambda: change(world.connection, first, seen, replace(GROW, title="Grow less"), *ANN),
        lambda: retire(world.connection, first, seen, "missed", *ANN),
    ):
        with pytest.raises(EntryError, match="Somebody changed it meanwhile"):
            act()
    assert tell(world, (first, two[0]), 1)
    with pytest.raises(EntryError, match="Somebody said something else"):
        say(world.connection, (first, two[0]), links, 3, "Why", TODAY, *ANN)
    with pytest.raises(EntryError, match="Somebody said something else"):
        withdraw(world.connection, (first, two[0]), links, TODAY, NOW, COMMAND)
    assert held(world, first).wish.title == "Grow more"
    assert not alter(world, first)


def test_what_a_tracker_tells_of_its_goals_is_not_changed_here(world: World) -> None:
    goal = world.objective(connection_id=world.tracker_id, external_id="g", status="on_track", due=TODAY)
    assert "come from the tracker" in refused(world, goal, title="Other")
    assert "come from the tracker" in refused(world, goal, status="missed")
    assert "give one" in refused(world, goal, weight=Decimal("0.5"))
    with pytest.raises(EntryError, match="Close it there"):
        retire(world.connection, goal, held(world, goal).mark, "missed", *ANN)
    assert alter(world, goal, weight=Decimal("0.5"), period="2026-Q1")
    assert held(world, goal).due == TODAY
    assert held(world, goal).ref == f"goal-{goal}"


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"strength": 4}, "A strength is 0"), ({"strength": -1}, "A strength is 0"), ({"why": ""}, "Say why"),
        ({"why": "a\x00b"}, "Say why"), ({"why": "x" * 501}, "Say why"), ({"since": date(1999, 1, 1)}, "Give a day"),
        ({"since": TODAY + 800 * DAY}, "Give a day"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_refused(world: World, two: tuple[int, int], about: dict[str, Any], told: str) -> None:
    first = make(world.connection, GROW, *ANN)
    with pytest.raises(EntryError, match=told):
        tell(world, (first, two[0]), **({"strength": 1} | about))


def test_what_is_gone_or_over_is_linked_no_more(world: World, two: tuple[int, int]) -> None:
    good, bad = two
    first = make(world.connection, GROW, *ANN)
    tell(world, (first, good), 2)
    world.connection.execute(update(Project).where(Project.id == good).values(fed=False))
    world.connection.execute(update(Project).where(Project.id == bad).values(status="closed"))
    for pair, told in (
        ((first, good), "Nothing feeds this project"), ((first, bad), "The project is closed"),
        ((first, 98765), "Nothing feeds"), ((98765, good), "no such objective"),
    ):  # fmt: skip
        with pytest.raises(EntryError, match=told):
            tell(world, pair, 1)
    # What was said of a project that nothing feeds counts nowhere, and stays should it come back.
    roll_up(world.connection, as_of=TODAY, now=NOW)
    assert value(world, "BEN-02") != (300, 400, 0.75)
    assert spans(world) == [(first, good, TODAY, FAR, 2, "Why")]
    world.connection.execute(update(Project).values(fed=True, status="active"))
    roll_up(world.connection, as_of=TODAY, now=NOW)
    assert value(world, "BEN-02") == (300, 400, 0.75)
    retire(world.connection, first, held(world, first).mark, "dropped", *ANN)
    with pytest.raises(EntryError, match="asks for no project any more"):
        tell(world, (first, good), 1)
    with pytest.raises(EntryError, match="is dropped already"):
        retire(world.connection, first, held(world, first).mark, "missed", *ANN)
    world.connection.execute(update(Objective).values(gone_at=NOW, status=None))
    with pytest.raises(EntryError, match="The tracker has this goal no more"):
        tell(world, (first, good), 1)


def test_conflicts_are_weighed_by_strength_times_weight_of_what_stands(world: World, two: tuple[int, int]) -> None:
    good, bad = two
    first = make(world.connection, replace(GROW, weight=Decimal("0.4")), *ANN)
    second = make(world.connection, replace(GROW, code="SAVE", weight=Decimal("0.5")), *ANN)
    goal = world.objective(bad, connection_id=world.tracker_id, external_id="g", strength=1)
    third = world.project("C")
    tell(world, (first, good), 3)
    tell(world, (second, good), 2)

    def weights(day: date = TODAY) -> list[float]:
        return list(read_weights(world.connection, np.array([good, bad, third], np.int64), day))

    # The larger of 3 x 0.4 and 2 x 0.5; a goal that nobody weighed counts whole.
    assert weights() == pytest.approx([2.2, 2.0, 1.0])
    tell(world, (goal, bad), 0)
    assert weights() == pytest.approx([2.2, 1.0, 1.0])
    assert weights(TODAY - DAY) == pytest.approx([1.0, 2.0, 1.0])
    retire(world.connection, first, held(world, first).mark, "missed", *ANN)
    assert weights() == pytest.approx([2.0, 1.0, 1.0])
    assert weights(date(2026, 4, 1)) == pytest.approx([1.0, 1.0, 1.0])


def test_quarters_end_on_their_last_day() -> None:
    ends = {"2026-Q1": date(2026, 3, 31), "2026-Q2": date(2026, 6, 30), "2028-Q4": date(2028, 12, 31)}
    assert {period: last_day(period) for period in ends} == ends
    assert last_day("2026-Q0") is last_day(None) is None


def test_what_is_written_is_as_it_was_said(world: World, two: tuple[int, int]) -> None:
    first = make(world.connection, replace(GROW, metric_name="n", metric_target=Decimal("5.5")), *ANN)
    tell(world, (first, two[0]), 1)
    row = world.connection.execute(select(ObjectiveLink.said_by, ObjectiveLink.said_at)).one()
    assert tuple(row) == ("ann", NOW)
    kept = world.connection.execute(select(Objective.due, Objective.entered_by, Objective.metric_target)).one()
    assert tuple(kept) == (date(2026, 3, 31), "ann", Decimal("5.5"))


@pytest.mark.parametrize("became", [{"status": "achieved"}, {"due": TODAY - DAY}, {"gone_at": NOW}])
def test_what_it_is_part_of_stays_whatever_became_of_that(world: World, became: dict[str, Any]) -> None:
    top = make(world.connection, GROW, *ANN)
    low = make(world.connection, replace(GROW, code="L", parent_id=top), *ANN)
    world.connection.execute(update(Objective).where(Objective.id == top).values(**became))
    assert alter(world, low, title="Other")
    assert (held(world, low).wish.title, held(world, low).wish.parent_id) == ("Other", top)


NO_WEIGHT = "A weight is more than 0 and at most 1, with at most three digits after the point."
NO_NUMBER = "Give a number below a million millions, with at most three digits after the point."


@pytest.mark.parametrize(
    "number",
    ["1e999999999", "1e900000", "1e-999999999", "1e-900000", "sNaN", "-1e999999999", "-Infinity", "0e-999999999"],
)  # fmt: skip
def test_numbers_beyond_reason_are_refused(world: World, number: str) -> None:
    made = {"metric_name": "n", "metric_target": Decimal("5.5000"), "weight": Decimal("0.5000")}
    first = make(world.connection, replace(GROW, **made), *ANN)
    assert refused(world, first, weight=Decimal(number)) == NO_WEIGHT
    assert refused(world, code="NEW", weight=Decimal(number)) == NO_WEIGHT
    for name in ("metric_target", "metric_current"):
        assert refused(world, first, **{name: Decimal(number)}) == NO_NUMBER
    assert held(world, first).wish == replace(GROW, **made)


def test_where_all_goals_are_gone_no_figure_blames_a_project(world: World, two: tuple[int, int]) -> None:
    goal = world.objective(two[0], connection_id=world.tracker_id, external_id="g")
    tell(world, (goal, two[0]), 2)
    world.connection.execute(update(Objective).values(gone_at=NOW))
    roll_up(world.connection, as_of=TODAY, now=NOW)
    assert value(world, "BEN-02") == value(world, "BEN-03") == ("NO_DATA",)


def test_a_quarter_that_a_goal_took_beyond_one_can_still_be_changed(world: World) -> None:
    goal = world.objective(connection_id=world.tracker_id, external_id="g")
    world.connection.execute(update(Objective).values(period="2026-Q1", weight=Decimal("0.5"), gone_at=NOW))
    first = make(world.connection, replace(GROW, weight=Decimal("0.7")), *ANN)
    world.connection.execute(update(Objective).where(Objective.id == goal).values(gone_at=None))
    assert alter(world, first, title="Other", status="at_risk")
    assert alter(world, goal, code="G")
    assert "At most 0.5 is left" in refused(world, first, weight=Decimal("0.6"))
    retire(world.connection, first, held(world, first).mark, "dropped", *ANN)
    assert "At most 0.5 is left" in refused(world, first, status="on_track")
