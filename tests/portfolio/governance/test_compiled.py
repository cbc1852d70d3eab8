"""What a rule asks is built once for a day, unless the time of the day matters to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portfolio.facts.gather import Day
from portfolio.governance.predicates.catalogue import PREDICATES
from portfolio.governance.rules import RuleError

DAY = Day(date(2026, 3, 2), datetime(2026, 3, 2, 9, tzinfo=UTC))
LATER = replace(DAY, now=DAY.now + timedelta(hours=3))
AGE: dict[str, Any] = {"date": "due", "n_wd": 3}


def test_the_same_of_the_same_day_is_built_once() -> None:
    ask = PREDICATES["none_older"].check
    assert ask(AGE, DAY) is ask(dict(reversed(AGE.items())), LATER)
    assert ask(AGE, DAY) is not ask(AGE | {"n_wd": 4}, DAY)
    assert ask(AGE, DAY) is not ask(AGE, replace(DAY, as_of=date(2026, 3, 3)))


def test_the_day_of_another_zone_is_another_day() -> None:
    ask = PREDICATES["none_older"].check
    london = replace(DAY, now=DAY.now.astimezone(ZoneInfo("Europe/London")))
    assert london == DAY
    assert ask(AGE, DAY) is not ask(AGE, london)


def test_what_depends_on_the_time_is_built_anew() -> None:
    ask = PREDICATES["fresh"].check
    assert ask({"entity": "connection"}, DAY) is not ask({"entity": "connection"}, LATER)


@pytest.mark.parametrize("depth", [50, 100_000])
def test_params_of_any_depth_are_answered(depth: int) -> None:
    nested: Any = {}
    for _ in range(depth):
        nested = {"not": nested}
    with pytest.raises(RuleError):
        PREDICATES["none_exists"].check({"entity": "item", "filter": nested}, DAY)
