"""The portfolio table arranged without a database: of few projects everything, of many a part."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from webapp.queries.portfolio import NONE, GroupLine, Loaded, ProjectLine
from webapp.queries.tree import AT_ONCE, MANY, Filters, Part, Row, arrange
from webapp.tables import Order

NAME = Order("name")
TODAY = date(2026, 3, 2)


def project(number: int, program_id: int | None = 1) -> ProjectLine:
    rag = "red" if number % 2 else "grey"
    said = (number, f"P{number}", f"Project {number:04}", "active", None, program_id, None, None, None, None, None)
    return ProjectLine(*said, permitted=True, rag=rag, rag_before=None, figure=None, readings=NONE, before=NONE)


def group(kind: str, number: int, portfolio_id: int | None = None) -> GroupLine:
    return GroupLine(kind, number, f"{kind} {number}", None, portfolio_id, True, None, NONE, NONE)


def house(projects: list[ProjectLine]) -> Loaded:
    """Program 1 in portfolio 1, and these projects."""
    portfolios, programs = {1: group("portfolio", 1)}, {1: group("program", 1, 1)}
    return Loaded(tuple(projects), portfolios, programs, TODAY, None, None, 1, whole=True)


FEW = house([project(number) for number in range(MANY)])
MANY_IN_ONE = house([project(number) for number in range(MANY + 1)])


def keys(rows: tuple[Row, ...]) -> list[str]:
    return [row.key for row in rows if row.kind != "project"]


def test_few_projects_are_shown_at_once() -> None:
    table = arrange(FEW, Filters(), NAME, Part())
    assert (len(table.rows), table.parted, table.pages) == (MANY + 2, False, None)
    assert {row.opened for row in table.rows} == {None}
    flat = arrange(FEW, Filters(), NAME, Part(), flat=True)
    assert (len(flat.rows), flat.pages) == (MANY, None)


def test_the_branches_of_many_are_closed_until_they_are_asked_for() -> None:
    closed = arrange(MANY_IN_ONE, Filters(), NAME, Part())
    assert [(row.key, row.opened, row.projects) for row in closed.rows] == [("f1", False, MANY + 1)]
    assert closed.summary.projects == MANY + 1
    half = arrange(MANY_IN_ONE, Filters(), NAME, Part(frozenset({"f1"})))
    assert [(row.key, row.opened) for row in half.rows] == [("f1", True), ("g1-1", False)]


def test_an_open_branch_of_many_says_how_many_it_leaves_out() -> None:
    table = arrange(MANY_IN_ONE, Filters(), NAME, Part(frozenset({"f1", "g1-1"})))
    assert keys(table.rows) == ["f1", "g1-1", "rg1-1"]
    rest = table.rows[-1]
    assert (len(table.rows), rest.projects) == (2 + AT_ONCE + 1, MANY + 1 - AT_ONCE)
    assert rest.line == MANY_IN_ONE.programs[1]


@pytest.mark.parametrize("wish", [Filters(program=1), Filters(program=1, portfolio=1)])
def test_what_a_filter_names_is_open_and_stays_so(wish: Filters) -> None:
    rows = arrange(MANY_IN_ONE, wish, NAME, Part()).rows
    assert [(row.key, row.opened) for row in rows if row.kind != "project"][:2] == [("f1", None), ("g1-1", None)]


def test_a_list_of_many_has_pages() -> None:
    def shown(page: int) -> tuple[list[str], int]:
        table = arrange(MANY_IN_ONE, Filters(), NAME, Part(page=page), flat=True)
        assert table.pages is not None
        return [row.key for row in table.rows], table.pages.number

    assert shown(1) == ([f"j{number}" for number in range(AT_ONCE)], 1)
    assert shown(2)[0][0] == f"j{AT_ONCE}"
    assert shown(99) == ([f"j{MANY}"], 3)


def test_without_a_part_everything_is_there() -> None:
    assert len(arrange(MANY_IN_ONE, Filters(), NAME).rows) == MANY + 3
    assert len(arrange(MANY_IN_ONE, Filters(), NAME, flat=True).rows) == MANY + 1


def test_projects_without_a_portfolio_are_counted_by_colour_where_they_are_closed() -> None:
    homeless = [project(number, None) for number in range(MANY + 2)]
    homeless[0] = replace(homeless[0], permitted=False)
    (row,) = arrange(house(homeless), Filters(), NAME, Part()).rows
    assert (row.key, row.colours) == ("f0", (("red", MANY // 2 + 1), ("grey", MANY // 2)))
