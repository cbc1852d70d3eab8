"""The laws of load: it is what the plain way computes, nothing is lost, and what must not matter does not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, composite

from portfolio.resources.load import Load
from tests.portfolio.resources.columns import capacity_of, load_of
from tests.portfolio.resources.plain import Booking, Human, Task, Term, load

AS_OF = 739_677
FIRST, LAST = AS_OF - 20, AS_OF + 80
"""All days that are known. What is drawn lies within; the load is asked for fewer."""
DAYS = AS_OF, AS_OF + 30
PROJECTS = "ABC"
PERSONS = "xyz"
_DAY = st.integers(AS_OF - 15, AS_OF + 45)
_EIGHTHS = st.integers(0, 8).map(lambda n: Fraction(n, 8))
_HOURS = st.integers(0, 96).map(lambda n: Fraction(n, 4))


@composite
def _humans(draw: DrawFn) -> Human:
    bounds = sorted(draw(st.sets(_DAY, min_size=2, max_size=4)))
    bounds[0] = draw(st.sampled_from([FIRST, bounds[0]]))
    bounds[-1] = draw(st.sampled_from([LAST + 1, bounds[-1]]))
    terms = [
        Term(
            since,
            until,
            tuple(draw(st.lists(_EIGHTHS.map(lambda n: n * 8), min_size=7, max_size=7))),
            draw(st.dictionaries(_DAY, st.sampled_from([Fraction(1), Fraction(1, 2)]), max_size=3)),
            draw(st.integers(0, 5).map(lambda n: Fraction(n, 4))),
        )
        for since, until in pairwise(bounds)
    ]
    return Human(terms, draw(st.dictionaries(_DAY, st.sampled_from([Fraction(1), Fraction(1, 2)]), max_size=8)))


def _shares(names: str) -> st.SearchStrategy[dict[str, Fraction]]:
    chosen = st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)
    return chosen.map(lambda some: {name: Fraction(1, len(some)) for name in some})


_TASKS = st.lists(
    st.builds(
        Task, _shares(PERSONS), _shares(PROJECTS), _HOURS, st.none() | _DAY, st.none() | _DAY | st.just(AS_OF - 1)
    ),
    max_size=8,
)


@composite
def _bookings(draw: DrawFn) -> Booking:
    first = draw(_DAY)
    kind = draw(st.sampled_from(["share", "per_day", "total"]))
    amount = draw(_EIGHTHS if kind == "share" else _HOURS)
    it = Booking(
        draw(st.sampled_from(PERSONS)), draw(st.sampled_from(PROJECTS)), first, first + draw(st.integers(0, 30)),
        hard=draw(st.booleans()),
    )  # fmt: skip
    return replace(it, **{kind: amount})  # type: ignore[arg-type]


_PEOPLE = st.fixed_dictionaries({name: _humans() for name in PERSONS})
_BOOKINGS = st.lists(_bookings(), max_size=5)


def _load(people: dict[str, Human], tasks: list[Task], bookings: list[Booking]) -> Load:
    return load_of(people, tasks, bookings, AS_OF, DAYS, (FIRST, LAST))


@given(_PEOPLE, _TASKS, _BOOKINGS)
def test_the_fast_way_gives_what_the_plain_way_gives(
    people: dict[str, Human], tasks: list[Task], bookings: list[Booking]
) -> None:
    told = _load(people, tasks, bookings)
    hard, soft = load(people, tasks, bookings, AS_OF, LAST)
    for number, name in enumerate(people):
        for day in range(DAYS[0], DAYS[1] + 1):
            place, of_day = (number, day - DAYS[0]), (name, day)
            assert abs(told.capacity[place] - people[name].capacity(day)) < 1e-6
            assert abs(told.hard[place] - hard.get(of_day, 0)) < 1e-6
            assert abs(told.soft[place] - soft.get(of_day, 0)) < 1e-6


@given(_humans(), st.lists(st.tuples(_DAY, _DAY), min_size=1, max_size=5))
def test_the_capacity_between_two_days_is_that_of_the_days(human: Human, asked: list[tuple[int, int]]) -> None:
    capacity = capacity_of({"x": human}, FIRST, LAST)
    first, last = np.array(asked, np.int64).T
    told = capacity.between(np.zeros(len(asked), np.int64), first, last)
    for (begins, ends), hours in zip(asked, told, strict=True):
        assert abs(hours - sum(human.capacity(day) for day in range(begins, ends + 1))) < 1e-6


@given(_PEOPLE, _TASKS)
def test_no_hours_are_lost(people: dict[str, Human], tasks: list[Task]) -> None:
    told = load_of(people, tasks, [], AS_OF, (AS_OF, LAST), (FIRST, LAST))
    due = sum(task.hours for task in tasks if task.due is not None)
    assert abs(told.hard.sum() - float(due)) < 1e-6
    assert (told.hard >= 0).all()


@given(_PEOPLE, _TASKS, _BOOKINGS, st.randoms(use_true_random=False))
def test_the_order_of_work_does_not_matter(people, tasks, bookings, random) -> None:  # type: ignore[no-untyped-def]
    one = _load(people, tasks, bookings)
    shuffled = random.sample(tasks, len(tasks)), random.sample(bookings, len(bookings))
    other = _load(people, *shuffled)
    assert np.allclose(one.hard, other.hard, atol=1e-9)
    assert np.allclose(one.soft, other.soft, atol=1e-9)


@given(_PEOPLE, _TASKS, st.data())
def test_to_which_projects_work_counts_does_not_change_the_load_of_a_person(people, tasks, data) -> None:  # type: ignore[no-untyped-def]
    elsewhere = [replace(task, projects=data.draw(_shares(PROJECTS))) for task in tasks]
    assert np.allclose(_load(people, tasks, []).hard, _load(people, elsewhere, []).hard, atol=1e-9)


@given(_PEOPLE, _TASKS, st.sampled_from(PERSONS), st.integers(0, 30), st.sampled_from([Fraction(1), Fraction(1, 2)]))
def test_time_off_lowers_the_load_of_no_other_day(people, tasks, name, after, fraction) -> None:  # type: ignore[no-untyped-def]
    on_time = [task for task in tasks if task.due is None or task.due >= AS_OF]
    human, day = people[name], AS_OF + after
    away = replace(human, off={**human.off, day: min(Fraction(1), human.off.get(day, Fraction(0)) + fraction)})
    before, after_it = _load(people, on_time, []), _load({**people, name: away}, on_time, [])
    others = np.ones_like(before.hard, np.bool_)
    others[list(people).index(name), after] = False
    assert (after_it.hard >= before.hard - 1e-9)[others].all()
