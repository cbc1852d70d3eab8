"""The look all charts share: what can be told apart in grey print, and dates as people here write them.

Lines differ by dashes and marks before they differ by colour. Pictures have no background of their own; pages in the
dark turn them round (`site.css`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Spec: TypeAlias = dict[str, Any]

INK, MUTED, RULE, ACCENT = "#1a2127", "#56616b", "#d9dee3", "#0f5a7a"
RED, AMBER, GREEN = "#b3211a", "#855400", "#17693a"
WIDTH, HEIGHT = 680, 300
MARGIN = 24
"""Room for labels that another machine's letters make wider than they were measured here."""
MONTHS = "%b %Y"

_TEXT = {"labelColor": MUTED, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
_CONFIG: Spec = {
    "font": "Arial, 'Liberation Sans', Helvetica, sans-serif",
    "view": {"stroke": None},
    "axis": {**_TEXT, "domainColor": MUTED, "tickColor": MUTED, "gridColor": RULE, "gridOpacity": 0.8},
    "legend": {
        **_TEXT,
        "orient": "top",
        "symbolSize": 110,
        "symbolStrokeWidth": 2,
        "labelLimit": 220,
        "columnPadding": 28,
    },
    "text": {"fontSize": 12, "color": INK},
    "line": {"strokeWidth": 2},
    "point": {"size": 45},
    "rule": {"color": MUTED},
}


def chart(values: Sequence[Mapping[str, object]], *layers: Spec, height: int = HEIGHT, beside: int = MARGIN) -> Spec:
    """A specification over these rows, each layer drawn over those before it, in exactly this size.

    `beside` is the room right of the plot, for words that stand there.
    """
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        "height": height,
        "background": "transparent",
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": MARGIN, "right": beside, "top": 4, "bottom": 4},
        "config": _CONFIG,
        "data": {"values": [dict(row) for row in values]},
        "layer": list(layers),
    }


def time_axis(field: str, title: str | None = None, *, form: str = MONTHS, **more: object) -> Spec:
    """Days along an axis. Days are written as days of UTC, so that no zone moves them."""
    return {
        "field": field,
        "type": "temporal",
        "scale": {"type": "utc"},
        "axis": {"format": form, "title": title, "grid": False, "labelOverlap": True, "tickCount": 7},
        **more,
    }


def number_axis(field: str, title: str | None, **more: object) -> Spec:
    """Numbers along an axis, from zero on unless said otherwise."""
    return {"field": field, "type": "quantitative", "axis": {"title": title, "tickCount": 5}, **more}
