"""Terms of persons: what changes on a day changes nothing before it, and two persons' terms never mix."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from portfolio.model.base import EVER, FAR
from portfolio.store.engine import reading, writing
from sync.identities.deciding import Pair, merge
from sync.identities.terms import USUAL, Terms, all_terms, terms_on, write_terms
from sync.identities.undoing import undo
from tests.sync.identities.test_decisions import WHO
from tests.webapp.builders import Rows

TODAY = date(2026, 3, 2)
MAY, JULY = date(2026, 5, 1), date(2026, 7, 1)
HALF, MOST = Terms(Decimal("0.5")), Terms(Decimal("0.8"))


@pytest.fixture
def mia(engine: Engine) -> int:
    with writing(engine) as store:
        return Rows(store).person("Mia")


def spans(engine: Engine, person_id: int) -> list[tuple[date, date, Terms]]:
    with reading(engine) as store:
        return [(it.since, it.until, it.terms) for it in all_terms(store, person_id)]


def write(engine: Engine, person_id: int, terms: Terms, day: date = TODAY, since: date | None = None) -> None:
    with writing(engine) as store:
        write_terms(store, {person_id: terms}, {}, day, since)


def test_what_is_told_first_holds_for_all_time_and_what_is_told_then_from_that_day(engine: Engine, mia: int) -> None:
    write(engine, mia, USUAL)
    assert spans(engine, mia) == []
    write(engine, mia, HALF)
    assert spans(engine, mia) == [(EVER, FAR, HALF)]
    write(engine, mia, HALF, MAY)
    assert spans(engine, mia) == [(EVER, FAR, HALF)]
    write(engine, mia, MOST, MAY)
    write(engine, mia, USUAL, TODAY, JULY)
    assert spans(engine, mia) == [(EVER, MAY, HALF), (MAY, JULY, MOST), (JULY, FAR, USUAL)]
    with reading(engine) as store:
        asked = (TODAY, MAY - timedelta(days=1), MAY, JULY)
        assert [terms_on(store, day)[mia] for day in asked] == [HALF, HALF, MOST, USUAL]


def test_a_change_takes_the_place_of_what_was_to_come(engine: Engine, mia: int) -> None:
    write(engine, mia, HALF, since=MAY)
    assert spans(engine, mia) == [(EVER, MAY, USUAL), (MAY, FAR, HALF)]
    write(engine, mia, MOST, TODAY)
    assert spans(engine, mia) == [(EVER, TODAY, USUAL), (TODAY, FAR, MOST)]
    write(engine, mia, HALF, TODAY)
    assert spans(engine, mia) == [(EVER, TODAY, USUAL), (TODAY, FAR, HALF)]


def test_what_was_changed_after_a_merge_stays_whole_when_that_is_undone(engine: Engine, mia: int) -> None:
    with writing(engine) as store:
        ned = Rows(store).person("Ned")
    write(engine, ned, HALF)
    [made] = merge(engine, [Pair(ned, mia)], *WHO)
    write(engine, mia, MOST, MAY)
    undo(engine, made, *WHO)
    assert spans(engine, ned) == [(EVER, FAR, HALF)]
    assert spans(engine, mia) == [(EVER, MAY, HALF), (MAY, FAR, MOST)]


def test_of_two_persons_who_are_one_the_terms_of_one_hold_and_come_back(engine: Engine, mia: int) -> None:
    with writing(engine) as store:
        ned, sam = (Rows(store).person(name) for name in ("Ned", "Sam"))
    write(engine, mia, HALF)
    write(engine, ned, MOST, since=MAY)
    before = {who: spans(engine, who) for who in (mia, ned, sam)}
    made = merge(engine, [Pair(ned, mia)], *WHO)
    assert spans(engine, mia) == before[mia]
    made += merge(engine, [Pair(mia, sam)], *WHO)
    assert spans(engine, sam) == before[mia]
    for decision in reversed(made):
        undo(engine, decision, *WHO)
    assert {who: spans(engine, who) for who in (mia, ned, sam)} == before


def test_hours_of_ones_own_hold_from_a_day_on_like_the_rest(engine: Engine, mia: int) -> None:
    own = HALF._replace(hours="8 8 4 0 0 0 0")
    write(engine, mia, HALF)
    write(engine, mia, own, since=MAY)
    write(engine, mia, HALF, since=JULY)
    assert spans(engine, mia) == [(EVER, MAY, HALF), (MAY, JULY, own), (JULY, FAR, HALF)]
