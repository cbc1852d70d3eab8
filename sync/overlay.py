"""Overlay values entered by hand, in a transaction of their own: one project, many, or a whole file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from portfolio.audit.entry import Actor
from portfolio.model.landing import Connection as Tracker
from portfolio.model.structure import ProjectRef
from portfolio.overlay.enter import RefusedError, Typed, enter, keep
from portfolio.overlay.files import Answer, match, read_rows
from portfolio.overlay.reporting import enter_report
from portfolio.store.engine import writing
from sync.schedule.requests import request_remap
from sync.versions import in_force


class ImportRefusedError(Exception):
    """Some rows of a file are wrong, so none was entered. `answers` has all of its rows."""

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        super().__init__("Nothing was entered: some rows are wrong.")
        self.answers = answers


def enter_data(
    engine: Engine, typed: Mapping[int, Typed], now: datetime, name: str, by: Actor
) -> Mapping[int, frozenset[str]]:
    """Enter values for projects, all or nothing. Returns the fields of each whose effective value changed.

    Where another type changes what a tracker's data means, mapping it anew is asked for. Raises
    `portfolio.overlay.enter.RefusedError`; then nothing was written.
    """
    with writing(engine) as store:
        return _enter(store, typed, now, name, by)


def keep_entered(engine: Engine, project_id: int, field: str, now: datetime, name: str, by: Actor) -> bool:
    """Say that what was entered holds although the tracker tells something else. False when there is no conflict."""
    with writing(engine) as store:
        return keep(store, project_id, field, now, name, by)


def report_colour(engine: Engine, project_id: int, rag: str, title: str, now: datetime, name: str, by: Actor) -> None:
    """Report the colour of a project. Raises `portfolio.overlay.text.OverlayError`; then nothing was written."""
    with writing(engine) as store:
        enter_report(store, project_id, rag, title, now, name, by)


def import_data(
    engine: Engine,
    content: str,
    bare: Callable[[str], str],
    enterable: Collection[str],
    now: datetime,
    name: str,
    by: Actor,
) -> tuple[Answer, ...]:
    """Enter what a CSV file holds, all or nothing, and answer each row. `bare` is that of `read_rows`.

    Raises `ImportRefusedError`, and `portfolio.overlay.files.FileError` for what is no such file.
    """
    rows = read_rows(content, bare)
    with writing(engine) as store:
        found, answers = match(store, rows, enterable)
        wrong: dict[int, list[str]] = {}
        try:
            _enter(store, {ident: row.typed for ident, row in found.items()}, now, name, by)
        except RefusedError as error:
            for fault in error.faults:
                wrong.setdefault(found[fault.project_id].line, []).append(f"{fault.field}: {fault.message}")
        answers = tuple(it._replace(faults=(*it.faults, *wrong.get(it.line, ()))) for it in answers)
        if any(answer.faults for answer in answers):
            raise ImportRefusedError(answers)  # which takes back what was entered of the other rows
    return answers


def _enter(
    store: Connection, typed: Mapping[int, Typed], now: datetime, name: str, by: Actor
) -> Mapping[int, frozenset[str]]:
    changed = enter(store, typed, now, name, by)
    retyped = [project_id for project_id, fields in changed.items() if "type" in fields]
    request_remap(store, _mapped_by_type(store, retyped), name, now)
    return changed


def _mapped_by_type(store: Connection, project_ids: Collection[int]) -> frozenset[int]:
    """The connections that feed one of these projects and whose profile has rules for a type of project."""
    version = in_force(store) if project_ids else None
    if version is None:
        return frozenset()
    mapping = version.mapping
    typed = {name for name, profile in mapping.profiles.items() if any(it.project_type for it in profile.overrides)}
    names = [name for name, rules in mapping.connections.items() if rules.profile in typed]
    feeding = select(ProjectRef.connection_id).where(ProjectRef.project_id.in_(project_ids))
    return frozenset(store.scalars(select(Tracker.id).where(Tracker.name.in_(names), Tracker.id.in_(feeding))))
