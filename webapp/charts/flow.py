"""How the work of a project moves: burn-up with the cone of the forecast, cumulative flow, and ageing work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from webapp.charts.look import ACCENT, AMBER, INK, MARGIN, MUTED, RED, Spec, chart, number_axis, time_axis


@dataclass(frozen=True)
class Count:
    """Items of work at the end of a day, by how far they are."""

    day: date
    todo: int
    in_progress: int
    done: int

    @property
    def scope(self) -> int:
        return self.todo + self.in_progress + self.done


@dataclass(frozen=True)
class Reach:
    """A day by which all work is done with so many per cent."""

    percent: int
    day: date


def burn_up(counts: Sequence[Count], reaches: Sequence[Reach], words: Mapping[str, str]) -> Spec:
    """Work there is and work that is done, week by week; from the last day on straight lines to the days by which all
    is done with each probability. `words`: `scope`, `done`, `items`, and `sure` for the percentages.
    """
    values = [
        {"day": it.day.isoformat(), "items": number, "line": words[line]}
        for it in counts
        for line, number in (("scope", it.scope), ("done", it.done))
    ]
    last = counts[-1]
    ends = [
        {"day": each.day.isoformat(), "items": last.scope, "name": f"{each.percent} {words['sure']} {each.day}"}
        for each in reaches
    ]
    cone = [{"day": last.day.isoformat(), "items": last.done, "name": end["name"]} for end in ends]
    domain = [words["scope"], words["done"]]
    line: Spec = {
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {
            "x": time_axis("day"),
            "y": number_axis("items", words["items"]),
            "strokeDash": {
                "field": "line",
                "type": "nominal",
                "scale": {"domain": domain, "range": [[7, 3], [1, 0]]},
                "legend": {"title": None, "symbolType": "stroke"},
            },
            "color": {"field": "line", "type": "nominal", "scale": {"domain": domain, "range": [INK, ACCENT]}},
        },
    }
    at = {"x": time_axis("day"), "y": number_axis("items", words["items"])}
    ways: Spec = {
        "data": {"values": [*cone, *ends]},
        "mark": {"type": "line", "color": ACCENT, "strokeDash": [2, 3], "strokeWidth": 1.5},
        "encoding": {**at, "detail": {"field": "name"}},
    }
    tips: Spec = {
        "data": {"values": ends},
        "mark": {"type": "point", "shape": "diamond", "filled": True, "size": 60, "color": ACCENT},
        "encoding": at,
    }
    # One below the other beside the plot: the days may lie close together.
    texts = [
        {
            "data": {"values": [end]},
            "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 8, "dy": 16 * place},
            "encoding": {"x": {"value": "width"}, "y": at["y"], "text": {"field": "name"}},
        }
        for place, end in enumerate(ends)
    ]
    return chart(values, line, *((ways, tips, *texts) if ends else ()), beside=150 if ends else MARGIN)


def cumulative(counts: Sequence[Count], words: Mapping[str, str]) -> Spec:
    """Work by how far it is, one upon the other: a band that widens is work that piles up. `words`: `todo`,
    `in_progress`, `done`, `items`."""
    bands = ("done", "in_progress", "todo")
    values = [
        {"day": it.day.isoformat(), "items": getattr(it, band), "band": words[band], "place": place}
        for it in counts
        for place, band in enumerate(bands)
    ]
    domain = [words[band] for band in reversed(bands)]
    area: Spec = {
        "mark": {"type": "area", "line": {"color": INK, "strokeWidth": 1}},
        "encoding": {
            "x": time_axis("day"),
            "y": number_axis("items", words["items"], stack="zero"),
            "order": {"field": "place", "type": "quantitative"},
            # Light, dark, middle: neighbours differ in grey as well.
            "color": {
                "field": "band",
                "type": "nominal",
                "scale": {"domain": domain, "range": ["#c9d1d8", AMBER, "#7fb0c6"]},
                "legend": {"title": None, "symbolType": "square", "symbolStrokeWidth": 1},
            },
        },
    }
    last = counts[-1]
    below = (last.done / 2, last.done + last.in_progress / 2, last.done + last.in_progress + last.todo / 2)
    ends = [
        {"day": last.day.isoformat(), "items": middle, "name": words[band]}
        for band, middle in zip(bands, below, strict=True)
        if getattr(last, band)
    ]
    name: Spec = {
        "data": {"values": ends},
        "mark": {"type": "text", "align": "left", "dx": 5},
        "encoding": {
            "x": time_axis("day"),
            "y": number_axis("items", words["items"]),
            "text": {"field": "name"},
        },
    }
    return chart(values, area, name, beside=90)


@dataclass(frozen=True)
class Aged:
    """An item in progress, its age in days. flow: active, wait, blocked."""

    key: str
    age: int
    flow: str


MARKS = {"active": ("circle", ACCENT), "wait": ("square", AMBER), "blocked": ("triangle-up", RED)}


def ageing(items: Sequence[Aged], usual: float | None, words: Mapping[str, str]) -> Spec:
    """A bar for each item in progress, the oldest first, and a line at the age by which 85 % of finished work was
    done. `words`: `days`, `usual`, and one for each flow."""
    values = [{"item": it.key, "age": it.age, "flow": words[it.flow]} for it in items]
    flows = [flow for flow in MARKS if any(it.flow == flow for it in items)]
    by_flow = {"field": "flow", "type": "nominal"}
    domain = [words[flow] for flow in flows]
    row: Spec = {
        "field": "item",
        "type": "nominal",
        "sort": [it.key for it in items],
        "axis": {"title": None, "labelLimit": 150},
    }
    colour = {
        **by_flow,
        "scale": {"domain": domain, "range": [MARKS[flow][1] for flow in flows]},
        "legend": {"title": None},
    }
    stem: Spec = {
        "mark": {"type": "rule", "color": MUTED},
        "encoding": {"y": row, "x": number_axis("age", words["days"]), "x2": {"datum": 0}},
    }
    mark: Spec = {
        "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
        "encoding": {
            "y": row,
            "x": number_axis("age", words["days"]),
            "color": colour,
            "shape": {
                **by_flow,
                "scale": {"domain": domain, "range": [MARKS[flow][0] for flow in flows]},
                "legend": {"title": None},
            },
        },
    }
    limit = [{"age": usual, "name": words["usual"]}] if usual is not None else []
    line: Spec = {
        "data": {"values": limit},
        "mark": {"type": "rule", "color": INK, "strokeDash": [4, 3]},
        "encoding": {"x": number_axis("age", words["days"])},
    }
    name: Spec = {
        "data": {"values": limit},
        "mark": {"type": "text", "align": "left", "baseline": "bottom", "dx": 3, "dy": -3},
        "encoding": {"x": number_axis("age", words["days"]), "y": {"value": 0}, "text": {"field": "name"}},
    }
    return chart(values, stem, mark, *((line, name) if limit else ()), height=100 + 16 * len(values))
