"""All-day events of calendars as days; whatever cannot be told for sure is refused by its name."""

from __future__ import annotations

from datetime import date
from time import perf_counter

import pytest

from sync.capacity.ics import AllDay, days_off, read_events
from sync.errors import TableError

TODAY = date(2026, 3, 2)


def ics(*events: str) -> bytes:
    whole = [f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT" for number, event in enumerate(events)]
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *whole, "END:VCALENDAR", ""]).encode()


def all_day(day: str, *further: str, title: str = "Day") -> str:
    return "\n".join([f"DTSTART;VALUE=DATE:{day}", f"SUMMARY:{title}", *further])


def test_days_of_an_event_are_all_but_the_one_it_ends_on() -> None:
    found = read_events(
        ics(
            all_day("20260501", title="May\\, day"),
            all_day("20261224", "DTEND;VALUE=DATE:20261227", title="Winter"),
            all_day("20260401", "DURATION:P2D", title="Two"),
            all_day("20260601", "DTEND;VALUE=DATE:20260601", title="Sloppy"),
            all_day("20260701", "STATUS:CANCELLED", title="Off"),
        ),
        TODAY,
    )
    assert found == (
        AllDay(date(2026, 4, 1), date(2026, 4, 2), "Two"),
        AllDay(date(2026, 5, 1), date(2026, 5, 1), "May, day"),
        AllDay(date(2026, 6, 1), date(2026, 6, 1), "Sloppy"),
        AllDay(date(2026, 12, 24), date(2026, 12, 26), "Winter"),
    )


@pytest.mark.parametrize(
    ("day", "further", "years"),
    [
        ("20200501", ["RRULE:FREQ=YEARLY"], [2025, 2026, 2027, 2028, 2029, 2030, 2031]),
        ("20200501", ["RRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1;UNTIL=20270501"], [2025, 2026, 2027]),
        ("20260501", ["RRULE:FREQ=YEARLY;COUNT=2"], [2026, 2027]),
        ("20260501", ["RRULE:FREQ=YEARLY;INTERVAL=2", "EXDATE;VALUE=DATE:20280501"], [2026, 2030]),
        ("20200229", ["RRULE:FREQ=YEARLY"], [2028]),
    ],
)
def test_what_comes_every_year_comes_within_a_span(day: str, further: list[str], years: list[int]) -> None:
    assert [each.start.year for each in read_events(ics(all_day(day, *further)), TODAY)] == years


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "no events"),
        (b"nothing of it", "no calendar that can be read"),
        (ics("DTSTART:20260501T090000Z\nSUMMARY:Talk"), "'Talk' cannot be taken in: it is no event of whole days"),
        (ics(all_day("20260501", "RRULE:FREQ=WEEKLY")), "another rule"),
        (ics(all_day("20260501", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO")), "another rule"),
        (ics(all_day("20260501", "RECURRENCE-ID;VALUE=DATE:20260502")), "was moved"),
        (ics(all_day("2026050")), "no calendar that can be read"),
        (ics(all_day("20260501", "RRULE:FREQ=YEARLY;UNTIL=zz")), "no calendar that can be read"),
        (ics(all_day("99991231")), "out of all reason"),
        (ics("SUMMARY:No day"), "no event of whole days"),
    ],
)
def test_what_cannot_be_told_is_refused(body: bytes, fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        read_events(body, TODAY)


LONG = ("DTEND;VALUE=DATE:20261231", "RRULE:FREQ=YEARLY")
FLOODS = {
    "years that come back": [all_day("20260101", *LONG, title=f"Year {number}") for number in range(2_000)],
    "a name without end": [all_day("20260101", *LONG, title="x" * 900_000)],
}


@pytest.mark.parametrize("events", FLOODS.values(), ids=list(FLOODS))
def test_a_small_file_does_not_come_to_more_days_than_can_be_kept(events: list[str]) -> None:
    found = read_events(ics(*events), TODAY)
    assert {len(each.title) for each in found} <= {*range(101)}
    began = perf_counter()
    if len(events) > 1:
        with pytest.raises(TableError, match="more than 5,000 days off"):
            days_off(found)
    else:
        assert len(days_off(found)) == 6 * 364
    assert perf_counter() - began < 1
