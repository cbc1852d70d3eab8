"""Which projects report better than their figures, since when, and how long a report lagged."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event, insert, true, update

from portfolio.facts.gather import Day
from portfolio.figures.watermelon import Episode, Honesty, Turn, episodes, honesty
from portfolio.model.base import FAR
from portfolio.model.oversight import KpiValue
from portfolio.model.structure import Project
from tests.portfolio.builders import World, noon

TODAY = date(2026, 3, 13)


def _day(number: int) -> date:
    return date(2026, 3, number)


def _turns(**colours: str) -> list[Turn]:
    return [Turn(_day(int(name[1:])), rag) for name, rag in colours.items()]


@pytest.mark.parametrize(
    ("computed", "reported", "expected"),
    [
        (_turns(d2="red"), _turns(d1="green"), [Episode(_day(2), None, False)]),
        (_turns(d1="green", d2="red"), _turns(d1="green", d5="red"), [Episode(_day(2), _day(5), True)]),
        (_turns(d1="green", d2="red", d5="green"), _turns(d1="green"), [Episode(_day(2), _day(5), False)]),
        (_turns(d1="red"), _turns(d3="green"), [Episode(_day(3), None, False)]),
        (_turns(d2="red", d4="red"), _turns(d1="green", d3="green"), [Episode(_day(2), None, False)]),
        (_turns(d2="red"), _turns(d1="green", d3="amber"), [Episode(_day(2), None, False)]),
        (_turns(d2="red", d4="grey"), _turns(d1="green"), [Episode(_day(2), _day(4), False)]),
        (_turns(d2="grey"), _turns(d1="green"), []),
        (_turns(d2="green"), _turns(d1="red"), []),
        ([], [], []),
    ],
)
def test_a_report_is_better_from_the_turn_until_it_follows(
    computed: list[Turn], reported: list[Turn], expected: list[Episode]
) -> None:
    assert episodes(computed, reported) == expected


def _colours(world: World, project: int, *turns: tuple[date, str]) -> None:
    for place, (day, rag) in enumerate(turns):
        until = turns[place + 1][0] if place + 1 < len(turns) else FAR
        row = {"scope_type": "project", "scope_id": project, "kpi": "RAG", "as_of": day, "until": until, "rag": rag}
        world.connection.execute(insert(KpiValue).values(**row, n=3, origin="observed", computed_at=noon(day)))


def _all(world: World, day: date = TODAY) -> dict[int, Honesty]:
    found = honesty(world.connection, Day(day, noon(TODAY)), true())
    return {it.project_id: it for it in found}


def test_a_project_is_in_the_list_of_a_day_on_which_it_was_not_over(world: World) -> None:
    melon = world.project(status="closed", actual_finish=_day(8))
    _colours(world, melon, (_day(2), "red"))
    world.report(melon, noon(_day(1)), "green")
    assert _all(world, _day(7))[melon].better
    assert _all(world, _day(8)) == _all(world) == {}


def test_the_list_tells_gap_since_lag_and_age(world: World) -> None:
    melon, honest, silent, small = world.project(), world.project(), world.project(), world.project(size="S")
    closed = world.project(status="closed")
    for project in (melon, closed):
        _colours(world, project, (_day(1), "green"), (_day(2), "amber"), (_day(9), "red"))
        for day, rag in ((_day(1), "green"), (_day(5), "amber"), (_day(6), "green")):
            world.report(project, noon(day), rag)
    _colours(world, honest, (_day(2), "amber"))
    world.connection.execute(
        update(Project).where(Project.id == honest).values(reported_rag="red", reported_at=noon(TODAY))
    )
    _colours(world, small, (_day(2), "green"))
    world.report(small, noon(date(2026, 3, 3)), None)
    found = _all(world)
    assert found.keys() == {melon, honest, silent, small}
    it = found[melon]
    assert (it.reported, it.computed, it.gap, it.since, it.days, it.last_lag) == ("green", "red", 2, _day(6), 7, 3)
    assert (it.better, it.age, it.late) == (True, 5, False)
    assert (found[honest].gap, found[honest].better, found[honest].since) == (-1, False, None)
    assert (found[silent].gap, found[silent].age, found[silent].computed) == (None, None, "grey")
    assert (found[small].gap, found[small].age, found[small].late) == (None, 8, False)
    world.connection.execute(update(Project).where(Project.id == small).values(size="M"))
    assert _all(world)[small].late


def test_statements_do_not_grow_with_projects(world: World) -> None:
    counted: list[str] = []
    listening = (world.connection, "before_cursor_execute", lambda *given: counted.append(given[2]))
    for _ in range(2):
        for _ in range(3):
            _colours(world, world.project(), (_day(2), "red"))
        event.listen(*listening)
        _all(world)
        event.remove(*listening)
    assert len(counted) == 2 * 3
