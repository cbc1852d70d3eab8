"""Instants as Jira stores, shows and compares them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from simulator.jira.site import jira_time


@lru_cache(maxsize=200_000)
def epoch_ms(text: str) -> int | None:
    """Milliseconds since the epoch of any spelling of an instant Jira is known to use; None if it is not one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def instant_of(value: Any) -> int | None:
    """`epoch_ms` of a field's value, None for what is no text."""
    return epoch_ms(value) if isinstance(value, str) else None


@lru_cache(maxsize=200_000)
def shown(text: str, zone: str) -> str:
    """A stored instant the way an account in `zone` sees it. Only what is stored in +0000 is re-written."""
    if len(text) != 28 or not text.endswith("+0000"):
        return text
    return jira_time(datetime.fromisoformat(text).astimezone(ZoneInfo(zone)))


def stored(moment: datetime) -> str:
    """An instant the way a site stores it."""
    return jira_time(moment.astimezone(UTC))
