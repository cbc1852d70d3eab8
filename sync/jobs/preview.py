"""One preview of one revision of a version of the mapping."""

from __future__ import annotations

from collections.abc import Callable

from portfolio.store.engine import reading
from sync import versions
from sync.errors import FaultyMappingError, StaleDraftError
from sync.jobs.means import Means
from sync.mapping.faults import faults
from sync.preview.requests import Preview
from sync.preview.result import Result
from sync.preview.run import Terms, run_preview


def preview_job(
    means: Means,
    preview: Preview,
    *,
    stop: Callable[[], str | None],
    tell: Callable[[int, int], str | None],
) -> Result:
    """Find out what the version would do. Holds no connection and asks no tracker.

    Raises `StaleDraftError` when the draft is not at that revision any more, `FaultyMappingError` when it makes no
    sense, and what `run_preview` raises.
    """
    with reading(means.engine) as store:
        version = versions.get(store, preview.version_id)
    if version.revision != preview.revision:
        raise StaleDraftError(version.edited_by, version.edited_at)
    if wrong := faults(version.mapping):
        raise FaultyMappingError(wrong)
    return run_preview(means.engine, version.mapping, Terms(means.clock, means.time_zone), stop=stop, tell=tell)
