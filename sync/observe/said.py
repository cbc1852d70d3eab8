"""How findings are put."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sync.observe.condition import Condition

OK, WARNING, BROKEN = "ok", "warning", "failed"

Said = tuple[str, str, str]
"""How grave it is, what it is about, and what to do."""
Look = Callable[[Condition, datetime], Iterator[Said]]


def spanned(span: timedelta) -> str:
    """A length of time in words."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
