"""Projects as a tracker has them, for a look at what a rule would make of their fields and groupings. No tracker is
asked."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection as Store
from sqlalchemy import select

from connector.protocol import Reading, Stream
from connector.records import FieldRecord, PortfolioRecord, ProjectRecord
from portfolio.model.landing import Connection
from sync.inbox.samples import newest
from sync.landing.raw import landed_chunks
from sync.mapping.profile import Bindings
from sync.readers import open_reader, readable

MOST = 200


class Met(NamedTuple):
    """The newest `MOST` projects of a connection, all its portfolios and the fields there are."""

    projects: tuple[ProjectRecord, ...] = ()
    portfolios: tuple[PortfolioRecord, ...] = ()
    fields: tuple[FieldRecord, ...] = ()


def met_projects(store: Store, connection_id: int, readers: Reading | None = None) -> Met:
    """What is landed of a connection's projects."""
    tracker, address = store.execute(
        select(Connection.tracker, Connection.address).where(Connection.id == connection_id)
    ).one()
    reader = open_reader(store, connection_id, tracker, address, Bindings(), readers)
    projects, portfolios, fields = (
        [record for chunk in chunks for record in readable(reader, chunk)]
        for chunks in (
            newest(store, connection_id, Stream.PROJECTS, MOST),
            landed_chunks(store, connection_id, Stream.PORTFOLIOS),
            landed_chunks(store, connection_id, Stream.FIELDS),
        )
    )
    return Met(
        tuple(it for it in projects if isinstance(it, ProjectRecord)),
        tuple(it for it in portfolios if isinstance(it, PortfolioRecord)),
        tuple(it for it in fields if isinstance(it, FieldRecord)),
    )
