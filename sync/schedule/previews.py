"""Taking up previews that people asked for, and what becomes of them. They hold no connection, so that syncs go on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from portfolio.store.engine import hurried, reading
from portfolio.store.errors import StoreError
from sync.errors import PreviewStoppedError
from sync.jobs.means import Means
from sync.jobs.preview import preview_job
from sync.preview import requests
from sync.schedule.dispatch import words


def waiting(means: Means) -> tuple[int, ...]:
    """The previews nobody is at."""
    with reading(means.engine) as store:
        return requests.waiting(store, means.clock())


def carry_out(means: Means, preview_id: int, stop: Callable[[], str | None]) -> bool:
    """Take a preview up and do it. False when somebody else has. What goes wrong is told by the preview's row.

    `stop` gives the reason why this process ends, if it does: the preview then waits for another one.
    """
    engine, clock = means.engine, means.clock
    taken = requests.take(engine, preview_id, clock())
    if taken is None:
        return False

    def tell(done: int, total: int) -> str | None:
        # A beat that the database has no time for is made up for by the next one.
        with suppress(StoreError, SQLAlchemyError), hurried(engine) as store:
            return requests.beat(store, preview_id, clock(), done, total)
        return None

    try:
        result = preview_job(means, taken, stop=stop, tell=tell)
    except PreviewStoppedError:
        if stop() is not None:
            requests.put_back(engine, preview_id)
        else:
            requests.finish(engine, preview_id, requests.CANCELLED, clock())
    except Exception as error:  # noqa: BLE001 - the thread goes on with other things, and the row tells
        requests.finish(engine, preview_id, requests.FAILED, clock(), error=words(error))
    else:
        requests.finish(engine, preview_id, requests.DONE, clock(), result=result)
    return True
