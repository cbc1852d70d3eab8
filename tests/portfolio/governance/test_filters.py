"""The language of filters: total on any JSON, the same after a round trip, and true to what it says."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from portfolio.calendar import WorkCalendar
from portfolio.facts.gather import Day
from portfolio.facts.states import V, at
from portfolio.governance.filters import terms
from portfolio.governance.filters.compile import compile_filter
from portfolio.governance.filters.read import All, FilterError, Limit, Not, read, write
from portfolio.governance.working_days import first_beyond, last_of_age
from tests.portfolio.builders import World
from tests.portfolio.governance.cases import NOW, TODAY, Site

DAY = Day(TODAY, NOW)
NAMES = (*terms.CHOICES, *terms.NUMBERS, *terms.RELATED, "label", "leaf", "has", "attribute", "and", "or", "not")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from((*NAMES, *terms.OPERATORS)) | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)
LEAF: st.SearchStrategy[dict[str, Any]] = st.one_of(
    *(
        st.lists(st.sampled_from(words or ("high", "Blocker")), min_size=1, max_size=2).map(lambda it, n=name: {n: it})
        for name, words in terms.CHOICES.items()
    ),
    st.builds(
        lambda name, operator, number: {name: {operator: number}},
        st.sampled_from(terms.NUMBERS),
        st.sampled_from(terms.OPERATORS),
        st.integers(0, 30),
    ),
    st.sampled_from(
        [{"label": "a%_b"}, {"leaf": True}, {"has": ["due", "owner"]}, {"attribute": {"cause": ["x"]}}, {}]
    ),
)
FILTERS = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2).map(lambda it: {"and": it}),
        st.lists(inner, min_size=1, max_size=2).map(lambda it: {"or": it}),
        inner.map(lambda it: {"not": it}),
        inner.map(lambda it: {"linked": it}),
        inner.map(lambda it: {"child": it}),
    ),
    max_leaves=4,
)


@given(JSON)
def test_whatever_is_given_it_is_a_filter_or_its_own_error(data: Any) -> None:
    with suppress(FilterError):
        found = read(data)
        assert read(write(found)) == found


@given(FILTERS)
def test_a_filter_comes_back_from_its_json_and_compiles_for_both_databases(data: dict[str, Any]) -> None:
    try:
        first = read(data)
    except FilterError:
        return  # too deep
    written = write(first)
    assert write(read(json.loads(json.dumps(written)))) == written
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        assert compile_filter(first, DAY).compile(dialect=dialect)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"kind": ["bugs"]}, "'bugs' is none of epic, story"),
        ({"kin": ["bug"]}, "'kin' is no name of a filter"),
        ({"age_wd": {"gt": -1}}, "from 0 to 1000"),
        ({"age_wd": {"over": 1}}, "one of gt, gte, lt, lte"),
        ({"points": {"gt": "many"}}, "takes a number"),
        ({"label": "a,b"}, "without a comma"),
        ({"and": []}, "takes a list of filters"),
        ({"has": ["dew"]}, "'dew' is none of assignee"),
        ({"not": {"not": {"not": {"not": {"not": {"not": {"not": {}}}}}}}}, "up to 6 times"),
        ([], "A filter is an object"),
    ],
)
def test_an_error_says_what_to_write(data: Any, message: str) -> None:
    with pytest.raises(FilterError, match=message):
        read(data)


@given(st.integers(0, 40), st.integers(0, 60), st.sampled_from(["1111100", "1010101", "0000000"]))
def test_limits_of_age_agree_with_the_calendar(age: int, back: int, mask: str) -> None:
    calendar = WorkCalendar(mask, frozenset({date(2026, 3, 6)}))
    asked = TODAY - timedelta(days=back)
    assert (asked <= last_of_age(calendar, TODAY, age)) == (calendar.since(asked, TODAY) >= age)
    ahead = TODAY + timedelta(days=back)
    assert (ahead < first_beyond(calendar, TODAY, age)) == (calendar.workdays(TODAY, ahead) <= age)


def test_what_is_not_there_fits_nothing_and_its_opposite_fits(world: World) -> None:
    site = Site(world, "A")
    bare, due, late = site.item(), site.item(due=TODAY), site.item(due=date(2026, 2, 27))
    site.attributes(due, severity="High")
    labelled = site.item(labels="x,Ready_now,y")
    linked, child = site.item(), site.item(parent_id=bare)
    given, owned = site.item(assignee_id=world.person("A")), site.item()
    site.attributes(owned, owner=world.person("O"))
    site.link(labelled, linked)

    def found(**filter_: Any) -> set[int]:
        condition = compile_filter(read(filter_), DAY)
        return set(world.connection.scalars(at(select(V.item_id), TODAY).where(condition)))

    everything = {bare, due, late, labelled, linked, child, given, owned}
    assert found() == everything
    assert found(overdue_wd={"gte": 0}) == {due, late}
    assert found(overdue_wd={"gt": 6}) == {late}
    assert found(overdue_wd={"gt": 7}) == set()
    assert found(ahead_wd={"lte": 1}) == {due, late}
    assert found(ahead_wd={"gt": 0}) == {due}
    assert found(severity=["high"]) == {due}
    assert found(**{"not": {"severity": ["high"]}}) == everything - {due}
    assert found(label="ready_now") == {labelled}
    assert found(label="readyXnow") == set()
    assert found(linked={"label": "ready_now"}) == {linked}
    assert found(child={"has": ["parent"]}) == {bare}
    assert found(parent={"leaf": True}) == {child}
    assert found(has=["owner"]) == {given, owned}
    for name in terms.NUMBERS:
        for operator in terms.OPERATORS:
            these = found(**{name: {operator: 3}})
            assert found(**{"not": {name: {operator: 3}}}) == everything - these


def test_terms_that_stand_together_must_all_hold() -> None:
    assert read({}) == All(())
    both = read({"age_wd": {"gt": 1, "lt": 3}})
    assert isinstance(both, All)
    assert all(isinstance(part, Limit) for part in both.parts)
    assert isinstance(read({"not": {}}), Not)
