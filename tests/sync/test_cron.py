"""When a schedule is due, what it says, and when its connection is out of date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from sync.schedule.cron import ScheduleError, explained, next_due, times
from sync.schedule.staleness import stale_since

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_times_are_of_the_zone_and_told_in_utc() -> None:
    assert next_due("0 3 * * *", "Europe/Berlin", MONDAY) == datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    assert next_due("*/10 * * * *", "UTC", MONDAY) == MONDAY + timedelta(minutes=10)


def test_an_hour_that_comes_twice_is_due_once() -> None:
    before = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    found = list(islice(times("30 2 * * *", "Europe/Berlin", before), 2))
    assert [each.date().day for each in found] == [25, 26]
    assert next_due("30 2 * * *", "Europe/Berlin", datetime(2026, 3, 28, 12, 0, tzinfo=UTC)) == datetime(
        2026, 3, 29, 1, 0, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("cron", "zone", "field"),
    [
        ("61 * * * *", "UTC", "cron"),
        ("* * * *", "UTC", "cron"),
        ("0 0 * * * *", "UTC", "cron"),
        ("", "UTC", "cron"),
        ("nonsense here it is all", "UTC", "cron"),
        ("1," * 60 + "1 * * * *", "UTC", "cron"),
        ("* * * * *", "Middle/Earth", "zone"),
        ("* * * * *", "../../etc/passwd", "zone"),
        ("* * * * *", "", "zone"),
    ],
)
def test_what_cannot_be_read_says_which_field_and_what_to_write(cron: str, zone: str, field: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        times(cron, zone, MONDAY)
    assert refused.value.field == field
    assert str(refused.value).endswith(".")


def test_an_expression_is_put_into_words() -> None:
    assert explained("0 3 * * SUN") == "At 03:00 on Sunday"


def test_the_third_missed_time_makes_a_connection_stale() -> None:
    assert stale_since([("*/10 * * * *", "UTC"), ("0 3 * * 0", "UTC")], MONDAY) == MONDAY + timedelta(minutes=30)
    # Nothing is due at the weekend, so nothing is missed there.
    friday = datetime(2026, 3, 6, 17, 30, tzinfo=UTC)
    assert stale_since([("0 8-17 * * 1-5", "UTC")], friday) == datetime(2026, 3, 9, 10, 0, tzinfo=UTC)


def test_without_a_schedule_nothing_is_stale() -> None:
    assert stale_since([], MONDAY) is None
    assert stale_since([("nonsense", "UTC")], MONDAY) is None
