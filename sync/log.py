"""The log of a run: a line when it starts and ends and one for each stream, all with the run and its connection.

What is logged elsewhere meanwhile, in the run's thread or in those that fetch for it, carries them too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import structlog
from msgspec.structs import asdict

from connector.protocol import Stream
from sync.progress import Progress, StreamCounts
from sync.run.runs import ENDED_WELL, RunSummary, Wanted

_log = structlog.get_logger()


def naming(connection: str, run_id: int) -> AbstractContextManager[None]:
    """Every line that is logged in the block, and in threads that were started with its context, names the run."""
    return structlog.contextvars.bound_contextvars(connection=connection, run=run_id)


@contextmanager
def told_of(connection: str, run_id: int, wanted: Wanted) -> Iterator[None]:
    """`naming` for the run itself, whose start is logged."""
    with naming(connection, run_id):
        _log.info("run started", mode=wanted.mode.value, cause=wanted.cause)
        yield


def ended(connection: str, summary: RunSummary) -> None:
    """Log the end of a run that came to one."""
    tell = _log.info if summary.state in ENDED_WELL else _log.warning
    with naming(connection, summary.run_id):
        tell(
            "run ended",
            mode=summary.mode.value,
            state=summary.state,
            seconds=round(summary.seconds, 3),
            held=summary.held,
            error=summary.error,
        )


def broken_off(connection: str, run_id: int, problem: BaseException) -> None:
    """Log the end of a run that could not go on, by the kind of its problem only: its text may quote anything."""
    with naming(connection, run_id):
        _log.error("run broken off", problem=type(problem).__name__)


class Logged:
    """Tells another progress, and logs a line when a stream is at its end."""

    def __init__(self, inner: Progress) -> None:
        self._inner = inner
        self._counts: dict[Stream, StreamCounts] = {}

    def started(self, stream: Stream, slices: int) -> None:
        self._inner.started(stream, slices)

    def page(self, stream: Stream, counts: StreamCounts) -> None:
        self._counts[stream] = counts
        self._inner.page(stream, counts)

    def finished(self, stream: Stream) -> None:
        counts = asdict(self._counts.get(stream, StreamCounts()))
        # The note is for the pages: it may be long, and name what is in the tracker.
        _log.info("stream read", stream=stream.value, **{name: counts[name] for name in counts if name != "note"})
        self._inner.finished(stream)
