"""What an answer's headers tell of the budget that is left. Pure; keeps no header."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from connector.boundary.answer import Answer
from connector.boundary.patience import instant

_PREFIX = "x-ratelimit-"
# Atlassian calls a budget nearly used up when less than a fifth of it is left.
NEARLY_OVER = 0.2


class Told(msgspec.Struct, frozen=True):
    """The tracker's own words, None where it says nothing: of `limit` requests `remaining` are left, and all of them
    are there again in `resets_in` seconds. `ahead` is how many seconds its clock is ahead of ours."""

    limit: int | None = None
    remaining: int | None = None
    resets_in: float | None = None
    ahead: float | None = None


def told(answer: Answer, now: float) -> Told:
    """What the answer tells at the moment `now` (epoch seconds). What cannot be read is not told.

    Cloud names the moment of the reset to the minute, Data Center the seconds in which it refills the budget. A reset
    is compared with the answer's own Date, because the tracker's clock need not be ours.
    """
    date = instant(answer.header("Date"))
    ahead = None if date is None else date - now
    said = {key.lower()[len(_PREFIX) :]: value for key, value in answer.headers.items() if _is_budget(key)}
    if not said:
        return Told(ahead=ahead)
    limit, remaining = _count(said, "limit"), _count(said, "remaining")
    if remaining is None and limit is not None and said.get("nearlimit", "").strip().lower() == "true":
        remaining = int(limit * NEARLY_OVER)
    resets_in: float | None = _count(said, "interval-seconds")
    reset = _moment(said.get("reset", ""))
    if reset is not None:
        resets_in = max(0.0, reset - (now if date is None else date))
    return Told(limit, remaining, resets_in, ahead)


def quota_wait(answer: Answer, now: float) -> float | None:
    """Seconds until a used-up quota is there again, for an answer that refuses because of it; None for others."""
    budget = told(answer, now)
    over = budget.remaining == 0 or answer.header("RateLimit-Reason").lower().startswith("jira-quota-")
    return budget.resets_in if over else None


def _is_budget(header: str) -> bool:
    return header[: len(_PREFIX)].lower() == _PREFIX


def _count(said: Mapping[str, str], name: str) -> int | None:
    text = said.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _moment(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
