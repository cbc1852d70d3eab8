"""The public holidays of countries and their parts, as the library `holidays` knows them: no half days, no customs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

import holidays
from holidays.registry import COUNTRIES

from portfolio.capacity.errors import CapacityError
from portfolio.capacity.holidays import DayOff

MOST_YEARS = 10
FIRST_YEAR, LAST_YEAR = 2000, 2100


@cache
def countries() -> Mapping[str, str]:
    """The countries there are: their codes of two letters, and their names."""
    named = {code: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name) for name, code, *_ in COUNTRIES.values()}
    return dict(sorted(named.items(), key=lambda it: it[1]))


@cache
def parts_of(country: str) -> Sequence[str]:
    """The parts of a country that have holidays of their own, by code."""
    return tuple(holidays.list_supported_countries(include_aliases=False).get(country, ()))


def public_holidays(country: str, part: str, first: int, last: int) -> list[DayOff]:
    """The holidays of a country, or of a part of it, in the years from `first` to `last`. Raises `CapacityError`."""
    if country not in countries():
        raise CapacityError("There is no such country. Choose one of the list.")
    if part and part not in parts_of(country):
        known = ", ".join(parts_of(country)) or "none"
        raise CapacityError(f"The country has no such part. There are: {known}.")
    if not FIRST_YEAR <= first <= last <= LAST_YEAR or last - first >= MOST_YEARS:
        raise CapacityError(f"Take 1 to {MOST_YEARS} years between {FIRST_YEAR} and {LAST_YEAR}, the first one first.")
    found = holidays.country_holidays(country, subdiv=part or None, years=range(first, last + 1))
    return [DayOff(day, name) for day, name in sorted(found.items()) if first <= day.year <= last]
