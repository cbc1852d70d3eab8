"""Milestones over time: when they were due as it was told week by week, and those of several projects on one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from webapp.charts.look import ACCENT, AMBER, GREEN, INK, MUTED, RED, Spec, chart, time_axis

LONGEST_NAME = 26
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-left", "triangle-right")
COLOURS = (ACCENT, AMBER, GREEN, MUTED, RED, INK, ACCENT, AMBER)


@dataclass(frozen=True)
class Line:
    """A milestone with the day it was due as told on each of some days (None: not told)."""

    name: str
    dues: Sequence[date | None]


def slip(days: Sequence[date], lines: Sequence[Line], words: Mapping[str, str]) -> Spec:
    """A line for each milestone: level while its date holds, up where it slips, down where it is drawn in.

    A milestone whose line meets the slanting one is due that very day. `words`: `told` and `due` for the axes.
    """
    names = _names([line.name for line in lines])
    values = [
        {"day": day.isoformat(), "due": due.isoformat(), "milestone": name}
        for name, line in zip(names, lines, strict=True)
        for day, due in zip(days, line.dues, strict=True)
        if due is not None
    ]
    dues = sorted(str(row["due"]) for row in values)
    span = [dues[0], dues[-1]] if dues and dues[0] < dues[-1] else None
    told = time_axis("day", words["told"])
    due = time_axis("due", words["due"]) | {"scale": {"type": "utc"} | ({"domain": span, "nice": True} if span else {})}
    one_each = {"field": "milestone", "type": "nominal", "sort": names}
    # A legend of nothing has no size, and the picture none with it.
    legend = {"title": None, "columns": 3} if lines else None
    colour = {**one_each, "scale": {"domain": names, "range": list(COLOURS[: len(names)])}, "legend": legend}
    line: Spec = {
        "mark": {"type": "line", "clip": True},
        "encoding": {
            "x": told,
            "y": due,
            "color": colour,
            "strokeDash": {
                **one_each,
                "scale": {"domain": names, "range": list(DASHES[: len(names)])},
                "legend": None,
            },
        },
    }
    # A mark where a line ends, and where it turns: on every week they would hide the line.
    mark: Spec = {
        "transform": [
            {
                "window": [
                    {"op": "lag", "field": "due", "as": "before"},
                    {"op": "lead", "field": "due", "as": "after"},
                ],
                "sort": [{"field": "day"}],
                "groupby": ["milestone"],
            },
            {"filter": "datum.before !== datum.due || datum.after !== datum.due"},
        ],
        "mark": {"type": "point", "filled": True, "size": 40, "clip": True},
        "encoding": {
            "x": told,
            "y": due,
            "color": colour,
            "shape": {**one_each, "scale": {"domain": names, "range": list(SHAPES[: len(names)])}, "legend": legend},
        },
    }
    today: Spec = {
        "data": {"values": [{"day": day.isoformat(), "due": day.isoformat()} for day in (days[0], days[-1])]},
        "mark": {"type": "line", "color": MUTED, "strokeWidth": 1, "strokeDash": [1, 3], "clip": True},
        "encoding": {"x": told, "y": due},
    }
    return chart(values, *((today,) if span else ()), line, mark, height=340)


@dataclass(frozen=True)
class Dated:
    """A milestone of a project: `state` is reached, overdue or ahead. `planned` is its first date."""

    project: str
    name: str
    state: str
    day: date
    planned: date | None


MARKS = {"reached": ("circle", GREEN), "ahead": ("diamond", ACCENT), "overdue": ("triangle-up", RED)}


def timeline(dated: Sequence[Dated], today: date, words: Mapping[str, str]) -> Spec:
    """A row for each project, a mark for each milestone, a line from where it was first planned. `words` by state, and
    `today`."""
    values = [
        {
            "project": it.project,
            "milestone": it.name,
            "state": words[it.state],
            "day": it.day.isoformat(),
            "planned": (it.planned or it.day).isoformat(),
        }
        for it in dated
    ]
    states = [state for state in MARKS if any(it.state == state for it in dated)]
    projects = list(dict.fromkeys(it.project for it in dated))
    row: Spec = {
        "field": "project",
        "type": "nominal",
        "sort": projects,
        "axis": {"title": None, "labelLimit": 150, "grid": True, "labelColor": INK},
    }
    moved: Spec = {
        "mark": {"type": "rule", "color": MUTED, "strokeWidth": 1.5},
        "encoding": {"y": row, "x": time_axis("planned"), "x2": {"field": "day"}},
    }
    by_state = {"field": "state", "type": "nominal"}
    domain = [words[state] for state in states]
    mark: Spec = {
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
        "encoding": {
            "y": row,
            "x": time_axis("day"),
            "shape": {
                **by_state,
                "scale": {"domain": domain, "range": [MARKS[state][0] for state in states]},
                "legend": {"title": None} if states else None,
            },
            "color": {**by_state, "scale": {"domain": domain, "range": [MARKS[state][1] for state in states]}},
        },
    }
    now = [{"today": today.isoformat(), "word": words["today"]}]
    line: Spec = {
        "data": {"values": now},
        "mark": {"type": "rule", "color": INK, "strokeDash": [3, 3]},
        "encoding": {"x": time_axis("today")},
    }
    word: Spec = {
        "data": {"values": now},
        "mark": {"type": "text", "align": "left", "baseline": "top", "dx": 4, "dy": 2},
        "encoding": {"x": time_axis("today"), "y": {"value": 0}, "text": {"field": "word"}},
    }
    return chart(values, moved, line, word, mark, height=90 + 26 * len(projects))


def _names(full: Sequence[str]) -> list[str]:
    """The names cut to what a legend takes, each different from the others."""
    short = [name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…" for name in full]
    return [f"{name} ({place + 1})" if short.count(name) > 1 else name for place, name in enumerate(short)]
