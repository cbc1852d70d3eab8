"""Taking up the profile that the mapping in force and the landed reference records ask for."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, exists, select

from connector.protocol import Stream
from portfolio.model.landing import RawRecord
from sync import versions
from sync.mapping.rules import Rules
from sync.profiles import leaves_behind, refresh
from sync.readers import open_reader
from sync.run.feeding import feed_landed, place_landed
from sync.run.remap import remap_projects
from sync.run.work import Running
from sync.schedule.requests import remap_wanted


def learn(work: Running, *, places: bool, anew: bool = False) -> bool:
    """Take up the profile and its reader, before items are read; with `places`, projects get their places anew.

    Returns whether what is landed must be mapped with it again, which `anew` says in any case. Then, or where nothing
    is landed yet, the connection has taken up the mapping in force once the run has ended.
    """
    row, terms = work.row, work.terms

    def act(store: Connection) -> bool:
        # Before the mapping is read: an approval in between is then taken for one that is still to be taken up.
        number, wish = versions.number_in_force(store), remap_wanted(store, row.id)
        desk = work.desk
        version = refresh(store, row.id, desk.reader, desk.started)
        landed = store.scalar(select(exists().where(*_items(row.id)))) or False
        another = number != versions.taken_up(store, row.id)
        outdated = anew or version.outdates or leaves_behind(store, row.id, version) or (another and landed)
        reader = open_reader(store, row.id, row.tracker, row.address, version.profile.bindings, terms.readers)
        before, placing = desk.ledger.rules.profile.placing, version.profile.placing
        desk.ledger.rules = Rules(version.profile, terms.time_zone)
        if before != placing or (places and placing.sources):
            feed_landed(store, desk.ledger, reader)
        if before != placing or places:
            place_landed(store, desk.ledger, reader)
        desk.ledger.profile_version = version.number
        work.desk = desk._replace(reader=reader)
        if outdated:
            work.takes_up, work.answers = number, wish
        elif another and number is not None:
            # With the first record: what is landed by a run that is broken off is mapped with it as well. What came
            # before items was written with the defaults.
            versions.take_up(store, row.id, number)
            remap_projects(store, desk.ledger, reader)
        return outdated

    return work.write(act)


def _items(connection_id: int) -> tuple[ColumnElement[bool], ...]:
    return RawRecord.connection_id == connection_id, RawRecord.stream == Stream.ITEMS.value
