"""Mapping anew what is landed of one connection, because somebody put another mapping in force."""

from __future__ import annotations

from collections.abc import Callable

from portfolio.store.engine import reading, writing
from portfolio.store.errors import PASSING
from sync.errors import BusyError, LostLeaseError
from sync.jobs.means import Means
from sync.run.remapping import remap_connection
from sync.run.runs import CANCELLED, RunSummary
from sync.schedule import requests


def remap_job(
    means: Means, connection_id: int, cause: str, *, stop: Callable[[], str | None] = lambda: None
) -> tuple[RunSummary, ...]:
    """Do what is asked for; nothing when nobody asks any more.

    The request stands until a run has ended well. When a person stops the run, the mapping itself fails, or the
    database refuses what comes of it, it is let go of, lest it fail again at once: the next run that reads the tracker
    maps everything anew. Raises what `remap_connection` raises.
    """
    with reading(means.engine) as store:
        wish = requests.remap_wanted(store, connection_id)
    if wish is None:
        return ()
    try:
        summary = remap_connection(
            means.engine, connection_id, clock=means.clock, cause=cause, time_zone=means.time_zone, stop=stop
        )
    except (BusyError, LostLeaseError, *PASSING):
        raise
    except Exception:
        with writing(means.engine) as store:
            requests.fulfil(store, wish)
        raise
    if summary.state == CANCELLED and stop() is None:
        with writing(means.engine) as store:
            requests.fulfil(store, wish)
    return (summary,)
