"""The runs under way: how far each is, and whether its process is still heard of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from connector.protocol import Stream
from portfolio.model.landing import Lease
from webapp.queries.runs import RunLine, StreamLine, running, streams_of

_LEASE = Lease.__table__
# Streams are read in the order in which they are declared.
_PLACE = {stream.value: place for place, stream in enumerate(Stream)}


@dataclass(frozen=True)
class Live:
    """A run under way with its streams in the order they are read.

    `heard` is False when its process has not been heard of for longer than it should: it may have died.
    """

    run: RunLine
    streams: tuple[StreamLine, ...]
    heard: bool

    @property
    def current(self) -> StreamLine | None:
        """The stream that is being read; None before the first."""
        begun = [line for line in self.streams if line.slices]
        open_end = [line for line in begun if line.slices_done < line.slices]
        return next(reversed(open_end or begun), None)


def live(connection: Connection, now: datetime) -> tuple[Live, ...]:
    """The runs under way, those that began first at the top."""
    runs = running(connection)
    if not runs:
        return ()
    holders = select(_LEASE.c.run_id).where(_LEASE.c.expires_at > now)
    heard = set(connection.scalars(holders))
    return tuple(
        Live(
            run,
            tuple(sorted(streams_of(connection, run.id), key=lambda line: _PLACE.get(line.stream, len(_PLACE)))),
            run.id in heard,
        )
        for run in runs
    )
