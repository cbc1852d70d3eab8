"""When a run that came to nothing is tried again. Pure.

What only a person can mend is not tried again before the next due time: repeated sign-ins lock accounts.
"""

from __future__ import annotations

from datetime import timedelta

from connector.errors import ConnectorError, RateLimitedError, RetryError
from portfolio.store.errors import StoreError
from sync.errors import BusyError, SyncError
from sync.schedule.schedules import MOST_ATTEMPTS

# Another run of the connection ends sooner or later; nothing is asked of the tracker to find out.
BUSY = timedelta(seconds=30)
FIRST = timedelta(minutes=1)
LONGEST = timedelta(minutes=30)


def again_after(problem: Exception, attempts: int) -> timedelta | None:
    """How long to wait before the next attempt, after `attempts` that came to nothing; None when there is to be none.

    A tracker that names a time is believed, however long it is.
    """
    if isinstance(problem, BusyError):
        return BUSY
    hopeless = isinstance(problem, ConnectorError | SyncError) and not isinstance(problem, RetryError)
    if hopeless or attempts >= MOST_ATTEMPTS:
        return None
    wait = min(FIRST * (1 << max(0, attempts - 1)), LONGEST)
    if isinstance(problem, RateLimitedError) and problem.retry_after is not None:
        return max(wait, timedelta(seconds=problem.retry_after))
    # The database, or a defect of ours: what was committed stands, and the next attempt goes on from there.
    return FIRST if isinstance(problem, StoreError) else wait
