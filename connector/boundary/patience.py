"""How long to wait: the tracker's own word (Retry-After), or else a growing, jittered pause.

Pure: the present moment and the random number are passed in.
"""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

from connector.errors import ConnectorError, RateLimitedError

LONGEST_WAIT_S = 120.0
LONGEST_BACKOFF_S = 30.0


def named_wait(retry_after: str, date: str, now: float) -> float | None:
    """Seconds asked for by a Retry-After header: whole, decimal, or an HTTP date. None when absent or unreadable.

    A date is compared with the answer's own Date header, because the tracker's clock need not be ours; `now` (epoch
    seconds) stands in when there is none. A date in the past is 0.
    """
    text = retry_after.strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        until = instant(text)
        if until is None:
            return None
        since = instant(date)
        return max(0.0, until - (now if since is None else since))
    return seconds if 0 <= seconds < float("inf") else None


def wait(error: ConnectorError, attempt: int, chance: float) -> float:
    """Seconds to wait after the `attempt`-th failure (1, 2, ...). `chance` is a random number from 0 to 1.

    A named wait is kept in full, with up to a second on top so that threads do not return at one moment. Otherwise the
    pause doubles from half a second (two seconds when throttled), of which a random half is kept.
    """
    if isinstance(error, RateLimitedError):
        if error.retry_after:
            return error.retry_after + chance * min(1.0, error.retry_after)
        first = 2.0
    else:
        first = 0.5
    return min(LONGEST_BACKOFF_S, first * 2.0 ** (attempt - 1)) * (0.5 + 0.5 * chance)


def instant(text: str) -> float | None:
    """An HTTP date as epoch seconds; None when it is none."""
    try:
        moment = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
