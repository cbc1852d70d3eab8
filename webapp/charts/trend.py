"""One KPI over time, with its limits; and the same as a line small enough for a cell of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from webapp.charts.look import ACCENT, MARGIN, MUTED, Spec, chart, number_axis, time_axis

BESIDE = 120
SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 120, 24, 3


@dataclass(frozen=True)
class Dot:
    """A value on a day (None: nothing to draw), and whether it was computed on its day."""

    day: date
    value: float | None
    observed: bool


def trend(dots: Sequence[Dot], unit: str, limits: Mapping[str, float], words: Mapping[str, str]) -> Spec:
    """The line of a KPI. `limits` are numbers by what they are limits of, written beside them; `words` are those for
    `observed` and `reconstructed`. A week without a value breaks the line.
    """
    values = [{"day": it.day.isoformat(), "value": it.value, "kind": words[kind]} for it, kind in _with_kind(dots)]
    kinds = [words[kind] for kind in ("observed", "reconstructed") if any(row["kind"] == words[kind] for row in values)]
    dashes = {words["observed"]: [1, 0], words["reconstructed"]: [4, 3]}
    line: Spec = {
        "mark": {"type": "line", "color": ACCENT, "point": {"color": ACCENT, "size": 18}},
        "encoding": {
            "x": time_axis("day"),
            "y": number_axis("value", unit, scale={"zero": False, "nice": True}),
            "strokeDash": {
                "field": "kind",
                "type": "nominal",
                "scale": {"domain": kinds, "range": [dashes[kind] for kind in kinds]},
                "legend": {"title": None, "symbolType": "stroke"} if len(kinds) > 1 else None,
            },
        },
    }
    marked = [{"limit": number, "name": name} for name, number in limits.items()]
    rule: Spec = {
        "data": {"values": marked},
        "mark": {"type": "rule", "color": MUTED, "strokeDash": [1, 3]},
        "encoding": {"y": {"field": "limit", "type": "quantitative"}},
    }
    name: Spec = {
        "data": {"values": marked},
        "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 4, "color": MUTED},
        "encoding": {
            "y": {"field": "limit", "type": "quantitative"},
            "x": {"value": "width"},
            "text": {"field": "name"},
        },
    }
    return chart(values, *((rule, name) if marked else ()), line, height=260, beside=BESIDE if marked else MARGIN)


def _with_kind(dots: Sequence[Dot]) -> Iterable[tuple[Dot, str]]:
    """Each dot with the line it belongs to. The first of another kind is in both, so that they meet."""
    for place, dot in enumerate(dots):
        before = dots[place - 1] if place else dot
        for observed in {before.observed, dot.observed}:
            yield dot, "observed" if observed else "reconstructed"


@dataclass(frozen=True)
class Stroke:
    """A part of a small line: points as SVG writes them."""

    points: str
    observed: bool


def spark(dots: Sequence[Dot]) -> tuple[Stroke, ...]:
    """The small line of these dots, in a box of 120 by 24: a stroke for each stretch without gap and of one kind."""
    known = [it.value for it in dots if it.value is not None]
    if not known:
        return ()
    low, high = min(known), max(known)
    step = (SPARK_WIDTH - 2 * SPARK_EDGE) / max(1, len(dots) - 1)
    room = SPARK_HEIGHT - 2 * SPARK_EDGE
    strokes: list[Stroke] = []
    points: list[str] = []
    observed = True
    for place, dot in enumerate(dots):
        if dot.value is None:
            strokes += _stroke(points, observed)
            points = []
            continue
        level = (dot.value - low) / (high - low) if high > low else 0.5
        point = f"{SPARK_EDGE + place * step:.1f},{SPARK_HEIGHT - SPARK_EDGE - level * room:.1f}"
        if points and dot.observed != observed:
            strokes += _stroke([*points, point], observed)
            points = []
        observed = dot.observed
        points.append(point)
    return (*strokes, *_stroke(points, observed))


def _stroke(points: Sequence[str], observed: bool) -> list[Stroke]:
    """The stroke of these points; of a single one a line as short as a dot."""
    return [Stroke(" ".join(points if len(points) > 1 else (*points, *points)), observed)] if points else []
