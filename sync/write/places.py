"""Where projects belong: their portfolios and programs, by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, insert, select, update

from portfolio.model.structure import Portfolio, Program, Project, ProjectRef
from portfolio.store.locks import Lock, exclusive
from sync.mapping.profile import fold
from sync.mapping.projects import Place, code_for
from sync.write.ledger import Ledger


def place_projects(store: Connection, ledger: Ledger, named: Mapping[str, Place]) -> None:
    """Give projects their places, by the id of the source that tells them; portfolios and programs are made where they
    are new.

    `named` are all places that the tracker and the project rules give. A project they give none any more loses the one
    it had from them, never one that a person gave it.
    """
    groups = Groups(store)
    telling = ((ledger.projects.get(ident), place) for ident, place in named.items() if ident in ledger.telling)
    found = {project_id: place for project_id, place in telling if project_id is not None}
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
