"""The structure made again from what is landed: what feeds which project, what is said of it, where it belongs."""

from __future__ import annotations

from sqlalchemy import Connection

from connector.protocol import Reader, Stream
from connector.records import ComponentRecord, PortfolioRecord, ProjectRecord
from sync.landing.raw import landed_chunks
from sync.mapping.profile import fold
from sync.mapping.projects import by_rules, places_by
from sync.mapping.sources import COMPONENT, EPIC, PORTFOLIO, PROJECT, FedSource
from sync.readers import readable
from sync.write.claims import epics_as_projects
from sync.write.ledger import Ledger
from sync.write.places import place_projects
from sync.write.sources import feed
from sync.write.structure import tell_projects, write_projects


def feed_landed(store: Connection, ledger: Ledger, reader: Reader) -> None:
    """Bring what feeds which project in line with the ledger's profile, and write what the sources say of these."""
    feed(store, ledger)
    for chunk in landed_chunks(store, ledger.connection_id, Stream.PROJECTS):
        write_projects(store, ledger, [each for each in readable(reader, chunk) if isinstance(each, ProjectRecord)])
    tell_projects(store, ledger, _as_projects(store, ledger, reader))


def _as_projects(store: Connection, ledger: Ledger, reader: Reader) -> list[ProjectRecord]:
    """What narrower sources say of their projects: their name, and who leads them where the tracker knows."""
    sources = [s for s in ledger.rules.profile.placing.sources if s.is_primary and s.type != PROJECT]
    leads: dict[tuple[str, str, str], str | None] = {}
    if any(source.type in (COMPONENT, PORTFOLIO) for source in sources):
        for stream in (Stream.COMPONENTS, Stream.PORTFOLIOS):
            for chunk in landed_chunks(store, ledger.connection_id, stream):
                for each in readable(reader, chunk):
                    if isinstance(each, ComponentRecord):
                        leads[COMPONENT, each.project_id or "", fold(each.name)] = each.lead_id
                    elif isinstance(each, PortfolioRecord):
                        leads[PORTFOLIO, "", each.external_id] = each.owner_id
    told = {record.external_id: record for record in (_named(source, leads) for source in sources)}
    told |= {record.external_id: record for record in epics_as_projects(store, ledger)}
    return list(told.values())


def _named(source: FedSource, leads: dict[tuple[str, str, str], str | None]) -> ProjectRecord:
    lead = leads.get((source.type, source.within, source.name))
    return ProjectRecord(external_id=source.external_id, key="", name=source.shown, url="", lead_id=lead)


def tell_epics(store: Connection, ledger: Ledger) -> None:
    """Write what epics say of the projects they feed, once the items have been written."""
    if any(source.type == EPIC and source.is_primary for source in ledger.rules.placer.claiming):
        tell_projects(store, ledger, epics_as_projects(store, ledger))


def place_landed(store: Connection, ledger: Ledger, reader: Reader) -> None:
    """Give projects their places: by hand, as rules say; else by a field; else by the tracker's groupings, nested
    ones or one name per project."""
    found = {
        stream: [r for chunk in landed_chunks(store, ledger.connection_id, stream) for r in readable(reader, chunk)]
        for stream in (Stream.PROJECTS, Stream.PORTFOLIOS)
    }
    projects = [record for record in found[Stream.PROJECTS] if isinstance(record, ProjectRecord)]
    portfolios = [record for record in found[Stream.PORTFOLIOS] if isinstance(record, PortfolioRecord)]
    profile = ledger.rules.profile
    grouping = profile.grouping_field, profile.placing.grouped, profile.grouping_separator
    named = places_by(projects, portfolios, *grouping)
    place_projects(store, ledger, by_rules(profile.placing, named))
