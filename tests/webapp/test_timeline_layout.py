"""Where things stand on the timeline: everything inside, in order, and nothing over anything else."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from webapp.timeline.lines import Line, Part, pieces
from webapp.timeline.marks import BESIDE, MARK, percent, placed, width
from webapp.timeline.rows import Dates, drawn
from webapp.timeline.window import MOST_TICKS, Window, Zoom, beside, months_on, window

TODAY = date(2026, 11, 29)
days = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))
near = st.dates(min_value=date(2024, 1, 1), max_value=date(2030, 12, 31))
places = st.floats(min_value=0, max_value=100)
names = st.text(max_size=40)


def test_the_stretch_of_each_zoom_has_today_in_it_and_moves_by_itself() -> None:
    assert window(Zoom.QUARTER, TODAY) == Window(date(2026, 10, 1), date(2027, 1, 1))
    assert window(Zoom.YEAR, TODAY) == Window(date(2026, 7, 1), date(2027, 7, 1))
    assert window(Zoom.TWO_YEARS, TODAY) == Window(date(2026, 4, 1), date(2028, 4, 1))
    assert window(Zoom.YEAR, TODAY, start=date(2027, 2, 14)) == Window(date(2027, 2, 1), date(2028, 2, 1))
    assert beside(Zoom.YEAR, window(Zoom.YEAR, TODAY)) == (date(2025, 7, 1), date(2027, 7, 1))
    everything = window(Zoom.ALL, TODAY, span=(date(2025, 9, 3), date(2027, 8, 30)))
    assert everything == Window(date(2025, 9, 1), date(2027, 9, 1))
    assert beside(Zoom.ALL, everything) is None


def test_the_head_tells_weeks_months_quarters_or_years() -> None:
    heads = {zoom: window(zoom, TODAY).ticks() for zoom in (Zoom.QUARTER, Zoom.YEAR, Zoom.TWO_YEARS)}
    assert [heads[zoom][0].part for zoom in heads] == ["week", "month", "quarter"]
    assert heads[Zoom.QUARTER][0].day == date(2026, 10, 5)
    assert [tick.day for tick in heads[Zoom.TWO_YEARS]][:2] == [date(2026, 4, 1), date(2026, 7, 1)]
    long = Window(date(2010, 1, 1), date(2041, 1, 1)).ticks()
    assert (long[0].part, long[0].day, long[1].day) == ("year", date(2010, 1, 1), date(2013, 1, 1))


@given(zoom=st.sampled_from(Zoom), today=near, start=st.none() | days, span=st.none() | st.tuples(days, days))
def test_whatever_is_asked_for_is_a_stretch_with_a_head_in_order(
    zoom: Zoom, today: date, start: date | None, span: tuple[date, date] | None
) -> None:
    shown = window(zoom, today, start, span)
    assert shown.first < shown.after
    assert shown.days <= 366 * 41
    ticks = shown.ticks()
    assert 0 < len(ticks) <= MOST_TICKS
    assert [tick.x for tick in ticks] == sorted({tick.x for tick in ticks})
    assert all(tick.day in shown and 0 <= tick.x < 100 for tick in ticks)
    if zoom is Zoom.ALL:
        assert today in shown
    if around := beside(zoom, shown):
        assert window(zoom, around[0], around[0]).after == shown.first
        assert around[1] == shown.after


@given(first=near, length=st.integers(1, 2000), one=days, other=days)
def test_days_stand_inside_and_in_order(first: date, length: int, one: date, other: date) -> None:
    shown = Window(first, first + timedelta(days=length))
    early, late = min(one, other), max(one, other)
    for place in (shown.start_of, shown.middle_of, shown.end_of):
        assert 0 <= place(early) <= place(late) <= 100
    assert shown.start_of(one) <= shown.middle_of(one) <= shown.end_of(one)


@given(st.lists(st.tuples(places, names), max_size=30))
def test_no_two_marks_of_a_lane_touch_and_names_lie_between_them(marks: list[tuple[float, str]]) -> None:
    found = placed(marks)
    assert sorted(mark.number for mark in found) == list(range(len(marks)))
    assert [mark.x for mark in found] == sorted(x for x, _ in marks)
    lanes = {mark.lane for mark in found}
    assert lanes == set(range(len(lanes)))
    for lane in lanes:
        own = [mark for mark in found if mark.lane == lane]
        for left, right in pairwise(own):
            assert right.x - left.x >= percent(MARK)
            if left.label is not None:
                assert left.x + percent(BESIDE) + width(left.label) <= right.x - percent(MARK / 2)
        assert own[-1].label is None or own[-1].x + percent(BESIDE) + width(own[-1].label) <= 100


def test_a_name_is_shown_where_it_has_room_and_makes_no_lane() -> None:
    first, close, far = placed([(10, "Pilot"), (12, "Review"), (80, "Handover to whoever runs it afterwards")])
    assert (first.label, first.lane) == (None, 0)
    assert (close.label, close.lane) == ("Review", 0)
    assert far.label is None
    assert placed([(40, "Handover to whoever runs it afterwards")])[0].label == "Handover to whoever runs it…"
    assert [mark.lane for mark in placed([(10, "a"), (10, "b"), (10.5, "c")])] == [0, 1, 2]


@given(
    own=st.tuples(*(st.none() | days for _ in range(4))),
    baseline=st.none() | days,
    forecast=st.none() | st.tuples(near, near),
    milestones=st.lists(st.tuples(near, names), max_size=5),
)
def test_a_row_draws_nothing_outside(
    own: tuple[date | None, date | None, date | None, date | None],
    baseline: date | None,
    forecast: tuple[date, date] | None,
    milestones: list[tuple[date, str]],
) -> None:
    shown = Window(date(2026, 7, 1), date(2027, 7, 1))
    ordered = forecast and (min(forecast), max(forecast))
    row = drawn(shown, Dates(*own), baseline, ordered, [each for each in milestones if each[0] in shown])
    for stretch in (row.bar, row.forecast):
        assert stretch is None or (stretch.x >= 0 and stretch.wide > 0 and stretch.x + stretch.wide <= 100 + 1e-9)
    assert row.baseline is None or 0 <= row.baseline <= 100
    assert (row.bar is None) == (not any(own) or row.away is not None or _outside(Dates(*own), shown))
    assert row.height > 0


def _outside(dates: Dates, shown: Window) -> bool:
    assert dates.ends is not None
    return dates.ends[1] < shown.first or dates.ends[0] >= shown.after


def test_a_bar_begins_and_ends_with_its_days() -> None:
    shown = Window(date(2026, 1, 1), date(2026, 4, 11))  # 100 days
    row = drawn(shown, Dates(date(2026, 1, 11), date(2026, 1, 20), None, None), date(2026, 1, 30), None, [])
    assert row.bar is not None
    assert (row.bar.x, row.bar.wide, row.own, row.baseline) == (10, 10, True, 30)
    half = drawn(shown, Dates(None, date(2026, 1, 20), date(2026, 1, 11), date(2026, 3, 1)), None, None, [])
    assert half.bar is not None
    assert (half.bar.x, half.bar.wide, half.own) == (10, 10, False)
    over = drawn(shown, Dates(date(2025, 1, 1), date(2025, 2, 1), None, None), None, None, [])
    assert (over.bar, over.away) == (None, "before")


lines = st.builds(
    Line, st.integers(0, 99), st.integers(0, 7), st.integers(0, 7), places, places, st.booleans()
)  # fmt: skip


@given(st.lists(lines, max_size=12))
def test_a_line_leaves_one_row_passes_those_between_and_reaches_another(drawn_lines: list[Line]) -> None:
    unlike = [
        Line(number, *(it.origin, it.target, it.start, it.end, it.broken)) for number, it in enumerate(drawn_lines)
    ]
    rows = pieces(unlike, 8)
    assert len(rows) == 8
    for line in unlike:
        own = {row: piece for row, parts in enumerate(rows) for piece in parts if piece.number == line.number}
        if line.origin == line.target:
            assert not own
            continue
        assert set(own) == set(range(min(line.origin, line.target), max(line.origin, line.target) + 1))
        assert own[line.origin].part is Part.LEAVES
        assert own[line.target].part is Part.REACHES
        between = {piece.part for row, piece in own.items() if row not in (line.origin, line.target)}
        assert between <= {Part.PASSES}
        assert {piece.down for piece in own.values()} == {line.target > line.origin}
    assert all([piece.broken for piece in parts] == sorted(piece.broken for piece in parts) for parts in rows)


@given(near, st.integers(-600, 600))
def test_months_on_is_the_first_of_a_month_and_goes_back(day: date, months: int) -> None:
    there = months_on(day, months)
    assert there.day == 1
    assert months_on(there, -months) == day.replace(day=1)
