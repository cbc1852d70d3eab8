"""A person's own hours of a week: those of the calendar said anew change nothing; its holidays stay."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update

from portfolio.model.base import EVER, FAR
from portfolio.model.people import Holiday
from portfolio.model.resources import PersonTerms
from portfolio.resources.calendars import read_capacity
from portfolio.resources.hours import HoursError, hours_of, read_hours
from tests.portfolio.builders import World

MONDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 8)


def test_own_hours_take_the_place_of_the_calendars(world: World) -> None:
    store = world.connection
    calendar = world.calendar("North", (EVER, "7.5 7.5 7.5 7.5 0 0 0"))
    store.execute(insert(Holiday).values(calendar_id=calendar, day=date(2026, 3, 3), fraction=Decimal("0.5")))
    ada = world.person("Ada")
    told = {"person_id": ada, "valid_from": EVER, "valid_to": FAR, "fte": Decimal("0.8"), "calendar_id": calendar}
    store.execute(insert(PersonTerms).values(**told))

    def hours() -> list[float]:
        capacity = read_capacity(store, np.array([ada]), 0, MONDAY, SUNDAY)
        found: list[float] = (capacity.daily(MONDAY.toordinal(), SUNDAY.toordinal())[0] / 0.8 / 0.8).round(6).tolist()
        return found

    usual = hours()
    assert usual == [7.5, 3.75, 7.5, 7.5, 0, 0, 0]
    store.execute(update(PersonTerms).values(hours="7.5 7.5 7.5 7.5 0 0 0"))
    assert hours() == usual
    store.execute(update(PersonTerms).values(hours="8 8 4 0 0 0 2"))
    assert hours() == [8, 4, 4, 0, 0, 0, 2]


@given(st.lists(st.decimals(0, 24, places=6), min_size=7, max_size=7))
def test_hours_are_read_as_they_are_written(hours: list[Decimal]) -> None:
    kept = read_hours("  ".join(f"{it:f}" for it in hours))
    assert kept is not None
    assert hours_of(kept) == tuple(map(float, hours))
    assert read_hours(kept) == kept


def test_what_is_no_week_is_refused() -> None:
    assert read_hours("  ") is None
    assert read_hours("7,5; 7,5; 4; 0; 0") == "7.5 7.5 4 0 0 0 0"
    assert read_hours("-0 8 8 8 8") == "0 8 8 8 8 0 0"
    for wrong in ("8", "8 8 8 8", "8 8 8 8 25", "8 8 8 8 -1", "a b c d e", "8 8 8 8 NaN", "1e2 0 0 0 0"):
        with pytest.raises(HoursError, match="from Monday"):
            read_hours(wrong)
