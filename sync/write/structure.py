"""Projects, and the tracker's projects they are known by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, exists, func, insert, select, update

from connector.records import PersonRecord, ProjectRecord
from portfolio.model.structure import Project, ProjectRef, StatusUpdate
from portfolio.overlay.reporting import let_newest_count, observe_colours
from portfolio.overlay.values import Values, tell
from portfolio.store.locks import Lock, exclusive
from portfolio.store.upsert import upsert
from sync.mapping.overlay import told_of
from sync.mapping.projects import ProjectValues, clean, code_for, map_project
from sync.tables import table_of
from sync.write.ledger import Ledger


def write_projects(store: Connection, ledger: Ledger, records: Sequence[ProjectRecord]) -> dict[str, str]:
    """Write the tracker's projects, new or changed. Each has a project of its own, which it feeds unless a rule says
    otherwise. A code once given stays, so that what people wrote down stays true."""
    # Runs of other connections give codes too, and no two projects have the same. Taken before any other lock.
    exclusive(store, Lock.STRUCTURE)
    _give_own(store, ledger, [record for record in records if record.external_id not in ledger.own])
    upsert(store, table_of(ProjectRef), [_reference(ledger, record) for record in records], _REFERENCE_KEY)
    tell_projects(store, ledger, records)
    return {}


def tell_projects(store: Connection, ledger: Ledger, records: Iterable[ProjectRecord]) -> None:
    """Write what sources say of the projects they feed: the first source of each, and no other."""
    titles = {source.external_id: source.title for source in ledger.rules.profile.placing.sources}
    speaking = [record for record in records if record.external_id in ledger.telling]
    leads = [PersonRecord(external_id=r.lead_id, name=r.lead_name or r.lead_id) for r in speaking if r.lead_id]
    ledger.people.meet(store, leads)
    told: dict[int, Values] = {}
    colours: dict[int, tuple[str, str]] = {}
    for record in speaking:
        project_id = ledger.projects[record.external_id]
        if project_id is None:
            continue
        values = map_project(record, ledger.rules)
        if values.unmapped is not None:
            ledger.unmapped[values.unmapped] += 1
        columns = _columns(values, titles.get(record.external_id, ""))
        store.execute(update(Project).where(Project.id == project_id).values(**columns))
        ledger.touch(project_id)
        said = told_of(record, ledger.rules)
        ledger.unmapped.update(said.unread)
        told[project_id] = said.values(ledger.people.person)
        if said.reported is not None:
            colours[project_id] = record.external_id, said.reported
    tell(store, ledger.connection_id, ledger.now, told)
    observe_colours(store, ledger.connection_id, colours, ledger.now)
    let_newest_count(store, told)


def _columns(values: ProjectValues, title: str) -> dict[str, Any]:
    return {
        "name": title or values.name,
        "status": values.status,
        "actual_finish": values.actual_finish,
        "reported_rag": values.reported_rag,
        "reported_status": values.reported,
        "reported_at": values.reported_at,
    }


def _give_own(store: Connection, ledger: Ledger, records: Sequence[ProjectRecord]) -> None:
    """Give each of these a project of its own.

    A project that rules have made under the code it would get is meant to be that one.
    """
    if not records:
        return
    owned = exists().where(ProjectRef.own_project_id == Project.id)
    ruled = exists().where(ProjectRef.project_id == Project.id)
    codes = dict.fromkeys(store.scalars(select(Project.code)))
    free: dict[str, int] = dict(store.execute(select(Project.code, Project.id).where(ruled, ~owned)).all())
    for record in records:
        # A key that only repeats the id says nothing to a person.
        wanted = record.key if record.key not in ("", record.external_id) else record.name
        code = code_for(wanted, codes.keys() - free.keys())
        codes[code] = None
        project_id = free.pop(code, None)
        if project_id is None:
            row = {"code": code, "name": map_project(record, ledger.rules).name}
            project_id = store.execute(insert(Project).values(**row).returning(Project.id)).scalar_one()
            ledger.telling.add(record.external_id)
        ledger.own[record.external_id] = ledger.projects[record.external_id] = project_id


_REFERENCE_KEY = ["connection_id", "external_id"]


def _reference(ledger: Ledger, record: ProjectRecord) -> dict[str, object]:
    return {
        "connection_id": ledger.connection_id,
        "external_id": record.external_id,
        "key": record.key,
        "name": clean(record.name),
        "url": record.url,
        "archived": record.archived,
        "project_id": ledger.projects[record.external_id],
        "own_project_id": ledger.own[record.external_id],
        "is_primary": record.external_id in ledger.telling,
        "deleted_at": None,
    }


def latest_reports(store: Connection, ledger: Ledger) -> None:
    """Where a status update is newer than what the project itself carries, the project reports that.

    Only those of the connection that tells what there is to tell of the project.
    """
    told = (ProjectRef.connection_id == ledger.connection_id) & ProjectRef.is_primary
    newest = (
        select(StatusUpdate.project_id, func.max(StatusUpdate.created_at).label("at"))
        .where(StatusUpdate.connection_id == ledger.connection_id)
        .group_by(StatusUpdate.project_id)
        .subquery()
    )
    query = (
        select(StatusUpdate.project_id, StatusUpdate.rag, StatusUpdate.status, StatusUpdate.created_at)
        .join(newest, (newest.c.project_id == StatusUpdate.project_id) & (newest.c.at == StatusUpdate.created_at))
        .join(Project, Project.id == StatusUpdate.project_id)
        .where(exists().where(told, ProjectRef.project_id == Project.id))
        .where((Project.reported_at.is_(None)) | (Project.reported_at < StatusUpdate.created_at))
    )
    for project_id, rag, status, at in store.execute(query).all():
        columns = {"reported_rag": rag, "reported_status": status, "reported_at": at}
        store.execute(update(Project).where(Project.id == project_id).values(**columns))
        ledger.touch(project_id)
