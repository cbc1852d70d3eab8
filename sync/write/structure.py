"""Projects and where they belong: project references, projects, programs, portfolios."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, func, insert, select, update

from connector.records import PersonRecord, ProjectRecord
from portfolio.model.structure import Portfolio, Program, Project, ProjectRef, StatusUpdate
from portfolio.overlay.values import Values, tell
from portfolio.store.locks import Lock, exclusive
from portfolio.store.upsert import upsert
from sync.mapping.overlay import told_of
from sync.mapping.profile import fold
from sync.mapping.projects import Place, clean, code_for, map_project
from sync.tables import table_of
from sync.write.ledger import Ledger


def write_projects(store: Connection, ledger: Ledger, records: Sequence[ProjectRecord]) -> dict[str, str]:
    """Write projects, new or changed. A code once given stays, so that what people wrote down stays true."""
    # Runs of other connections give codes too, and no two projects have the same. Taken before any other lock.
    exclusive(store, Lock.STRUCTURE)
    leads = [PersonRecord(external_id=r.lead_id, name=r.lead_name or r.lead_id) for r in records if r.lead_id]
    ledger.people.meet(store, leads)
    codes = set(store.scalars(select(Project.code)).all())
    told: dict[int, Values] = {}
    for record in records:
        values = map_project(record, ledger.rules)
        columns = {
            "name": values.name,
            "status": values.status,
            "actual_finish": values.actual_finish,
            "reported_rag": values.reported_rag,
            "reported_status": values.reported,
            "reported_at": values.reported_at,
        }
        if values.unmapped is not None:
            ledger.unmapped[values.unmapped] += 1
        project_id = ledger.projects.get(record.external_id)
        if project_id is None:
            # A key that only repeats the id says nothing to a person.
            code = code_for(record.key if record.key not in ("", record.external_id) else record.name, codes)
            codes.add(code)
            statement = insert(Project).values(code=code, **columns).returning(Project.id)
            project_id = ledger.projects[record.external_id] = store.execute(statement).scalar_one()
        else:
            store.execute(update(Project).where(Project.id == project_id).values(**columns))
        ledger.touch(project_id)
        said = told_of(record, ledger.rules)
        ledger.unmapped.update(said.unread)
        told[project_id] = said.values(ledger.people.person)
    tell(store, ledger.connection_id, ledger.now, told)
    upsert(store, table_of(ProjectRef), [_reference(ledger, record) for record in records], _REFERENCE_KEY)
    return {}


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
        "deleted_at": None,
    }


def place_projects(store: Connection, ledger: Ledger, named: Mapping[str, Place]) -> None:
    """Give projects, by the tracker's id, their places; portfolios and programs are made where they are new.

    `named` are all places the tracker gives. A project it gives none any more loses the one it had from the tracker,
    never one that a person gave it.
    """
    groups = Groups(store)
    found = {ledger.projects[ident]: place for ident, place in named.items() if ident in ledger.projects}
    _take_back(store, ledger, set(found))
    query = select(Project.id, Project.portfolio_id, Project.program_id).where(Project.id.in_(found))
    for project_id, portfolio_id, program_id in store.execute(query).all():
        columns = groups.columns(store, found[project_id])
        if columns != {"portfolio_id": portfolio_id, "program_id": program_id}:
            store.execute(update(Project).where(Project.id == project_id).values(**columns))
            ledger.touch(project_id)
        placed = {"placed_portfolio_id": columns["portfolio_id"], "placed_program_id": columns["program_id"]}
        own = (ProjectRef.connection_id == ledger.connection_id, ProjectRef.project_id == project_id)
        store.execute(update(ProjectRef).where(*own).values(**placed))


def _take_back(store: Connection, ledger: Ledger, placed: Collection[int]) -> None:
    given = (ProjectRef.placed_portfolio_id.is_not(None)) | (ProjectRef.placed_program_id.is_not(None))
    query = select(
        ProjectRef.id,
        Project.id,
        Project.portfolio_id,
        Project.program_id,
        ProjectRef.placed_portfolio_id,
        ProjectRef.placed_program_id,
    ).join(Project, Project.id == ProjectRef.project_id)
    gone = query.where(ProjectRef.connection_id == ledger.connection_id, given, Project.id.not_in(placed))
    for ref_id, project_id, portfolio_id, program_id, *from_tracker in store.execute(gone).all():
        if [portfolio_id, program_id] == from_tracker:
            nowhere = update(Project).where(Project.id == project_id)
            store.execute(nowhere.values(portfolio_id=None, program_id=None))
            ledger.touch(project_id)
        kept = update(ProjectRef).where(ProjectRef.id == ref_id)
        store.execute(kept.values(placed_portfolio_id=None, placed_program_id=None))


class Groups:
    """Portfolios and programs by name, over all trackers: two trackers that use one name mean one thing."""

    def __init__(self, store: Connection) -> None:
        exclusive(store, Lock.STRUCTURE)
        self._portfolios = {fold(name): ident for ident, name in store.execute(select(Portfolio.id, Portfolio.name))}
        self._programs: dict[str, dict[int | None, int]] = {}
        for ident, name, portfolio_id in store.execute(select(Program.id, Program.name, Program.portfolio_id)):
            self._programs.setdefault(fold(name), {})[portfolio_id] = ident

    def columns(self, store: Connection, place: Place) -> Mapping[str, int | None]:
        """The ids of a place's portfolio and program, made where they are new."""
        portfolio_id = self._portfolio(store, place.portfolio) if place.portfolio else None
        program_id = self._program(store, place.program, portfolio_id) if place.program else None
        if program_id is not None and portfolio_id is None:
            portfolio_id = store.scalar(select(Program.portfolio_id).where(Program.id == program_id))
        return {"portfolio_id": portfolio_id, "program_id": program_id}

    def _portfolio(self, store: Connection, name: str) -> int:
        found = self._portfolios.get(fold(name))
        if found is None:
            code = code_for(name, set(store.scalars(select(Portfolio.code)).all()))
            statement = insert(Portfolio).values(code=code, name=name).returning(Portfolio.id)
            found = self._portfolios[fold(name)] = store.execute(statement).scalar_one()
        return found

    def _program(self, store: Connection, name: str, portfolio_id: int | None) -> int:
        """A program named without its portfolio is the one of that name, if there is just one."""
        same = self._programs.setdefault(fold(name), {})
        if portfolio_id in same:
            return same[portfolio_id]
        if portfolio_id is None and len(same) == 1:
            return next(iter(same.values()))
        if portfolio_id is not None and None in same:
            # Known so far without a portfolio: now the portfolio is known, and its projects move along.
            program_id = same[portfolio_id] = same.pop(None)
            store.execute(update(Program).where(Program.id == program_id).values(portfolio_id=portfolio_id))
            moved = update(Project).where(Project.program_id == program_id, Project.portfolio_id.is_(None))
            store.execute(moved.values(portfolio_id=portfolio_id))
            along = update(ProjectRef).where(ProjectRef.placed_program_id == program_id)
            store.execute(along.values(placed_portfolio_id=portfolio_id))
            return program_id
        code = code_for(name, set(store.scalars(select(Program.code)).all()))
        values = {"code": code, "name": name, "portfolio_id": portfolio_id}
        same[portfolio_id] = store.execute(insert(Program).values(**values).returning(Program.id)).scalar_one()
        return same[portfolio_id]


def latest_reports(store: Connection, ledger: Ledger) -> None:
    """Where a status update is newer than what the project itself carries, the project reports that."""
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
        .where((Project.reported_at.is_(None)) | (Project.reported_at < StatusUpdate.created_at))
    )
    for project_id, rag, status, at in store.execute(query).all():
        columns = {"reported_rag": rag, "reported_status": status, "reported_at": at}
        store.execute(update(Project).where(Project.id == project_id).values(**columns))
        ledger.touch(project_id)
