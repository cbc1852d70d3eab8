"""What templates need to show a preview of a draft (`mapping_preview.html`) besides the preview itself."""

from __future__ import annotations

from typing import Any

from portfolio.kpis.catalogue import KPIS
from sync.preview.requests import Preview
from sync.versions import Version

MOST_FIGURES = 100


def looked_at(preview: Preview | None, draft: Version | None) -> dict[str, Any]:
    """The figures that change, those of another colour first; whether the draft has moved on since."""
    result = preview.result if preview is not None else None
    figures = sorted(result.kpis, key=lambda it: not it.recoloured) if result is not None else []
    return {
        "figures": figures[:MOST_FIGURES],
        "figures_left": max(0, len(figures) - MOST_FIGURES),
        "kpis": KPIS,
        "outdated": preview is not None and draft is not None and preview.revision != draft.revision,
    }
