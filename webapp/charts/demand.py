"""Demand as bars beside capacity as a line, so that what is missing is seen in grey print, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from portfolio.resources.demand import Need
from webapp.charts.look import ACCENT, INK, Spec, chart, number_axis

BANDS = ("firm", "unassigned", "proposed")


def demand(labels: Sequence[str], needs: Sequence[Need], words: Mapping[str, str]) -> Spec:
    """A bar for each period: firm, what is nobody's yet, and proposed, one upon the other; and the line of capacity.
    `words`: one for each of these, `capacity` and `hours`."""
    values = [
        {"period": label, "hours": getattr(need, band), "band": words[band], "place": place}
        for label, need in zip(labels, needs, strict=True)
        for place, band in enumerate(BANDS)
    ]
    lines = [
        {"period": label, "hours": need.capacity, "line": words["capacity"]}
        for label, need in zip(labels, needs, strict=True)
    ]
    at: Spec = {"field": "period", "type": "ordinal", "sort": list(labels), "axis": {"title": None, "labelAngle": 0}}
    bar: Spec = {
        "mark": {"type": "bar", "stroke": INK, "strokeWidth": 1},
        "encoding": {
            "x": at,
            "y": number_axis("hours", words["hours"], stack="zero"),
            "order": {"field": "place", "type": "quantitative"},
            "color": {
                "field": "band",
                "type": "nominal",
                # Middle, dark, white: neighbours differ in grey as well.
                "scale": {"domain": [words[band] for band in BANDS], "range": ["#7fb0c6", ACCENT, "#ffffff"]},
                "legend": {"title": None, "symbolType": "square", "symbolStrokeWidth": 1},
            },
        },
    }
    line: Spec = {
        "data": {"values": lines},
        "mark": {"type": "line", "color": INK, "strokeWidth": 2.5, "strokeDash": [7, 3], "point": {"color": INK}},
        "encoding": {
            "x": at,
            "y": number_axis("hours", words["hours"]),
            "strokeDash": {
                "field": "line",
                "type": "nominal",
                "scale": {"domain": [words["capacity"]], "range": [[7, 3]]},
                "legend": {"title": None, "symbolType": "stroke"},
            },
        },
    }
    return chart(values, bar, line)
