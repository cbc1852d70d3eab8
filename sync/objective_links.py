"""Which projects serve which objectives, as it was said here, as a table in a file (`sync.capacity.importing`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select

from portfolio.dated import History, history, spans
from portfolio.facts.lifecycle import OVER as CLOSED
from portfolio.facts.objectives import OVER
from portfolio.faults import Fault
from portfolio.model.base import FAR
from portfolio.model.structure import Objective, Project
from portfolio.objectives.links import MOST_STRENGTH, Pair, Said, keep, read_said, wrong, wrong_day
from portfolio.objectives.wish import GOAL
from portfolio.store.locks import Lock
from sync.capacity import cells
from sync.capacity.kind import Cell, Dated, Key, Kind, Known, Row, Standing, Value

NAME = "objective-links"
_DAY = timedelta(days=1)


def links_kind(store: Connection, name: str, among: Collection[int]) -> Kind:
    """The table of what was said of these projects (ids), for files out and in; others are neither shown nor changed.
    `name` is what pages call whoever takes it in. Objectives are named by their code, goals without one as goal-1."""
    table = _Table(store, name, among)
    return Kind(
        name=NAME,
        columns=("objective", "project", "from", "to", "strength", "reason"),
        needed=frozenset({"objective", "project", "from", "strength", "reason"}),
        about_persons=False,
        read=table.read,
        standing=table.standing,
        write=table.write,
        cells=_cells,
        dated=Dated(),
        refuse=table.refuse,
        action="objective.links_imported",
        # In the order of whoever rolls up.
        locks=(Lock.FIGURES, Lock.STRUCTURE),
    )


class _Table:
    def __init__(self, store: Connection, name: str, among: Collection[int]) -> None:
        it = Objective
        objectives: Any = store.execute(select(it.id, it.code, it.status, it.gone_at)).all()
        self.name = name
        self.objectives = {row.code or f"{GOAL}{row.id}": row for row in objectives}
        projects: Any = store.execute(select(Project.id, Project.code, Project.status).where(Project.fed)).all()
        self.projects = {row.code: row for row in projects if row.id in among}

    def read(self, row: cells.Cells, _person_id: int, known: Known) -> Row:
        ref, code = row.get("objective", ""), row.get("project", "")
        if ref not in self.objectives:
            row.wrong("objective", f"{ref[:40]!r} is the code of no objective.")
        if code not in self.projects:
            row.wrong("project", f"{code[:40]!r} is the code of no project that you may link.")
        first, last = cells.day(row, "from"), cells.day_or_none(row, "to")
        if last is not None and last < first:
            row.wrong("to", f"It ends on {last} before it begins on {first}.")
        told = row.get("strength", "")
        strength = int(told) if told in {str(it) for it in range(MOST_STRENGTH + 1)} else -1
        reason = " ".join(row.get("reason", "").split())
        for fault in (*wrong(strength, reason), *(() if first == date.min else wrong_day(first, known.now))):
            row.wrong({"since": "from"}.get(fault.field, fault.field), fault.message)
        return Row((ref, code, first), (None if last is None else last + _DAY, strength, reason))

    def refuse(self, row: Row, stands: Value | None, _known: Known) -> Iterator[Fault]:
        """What is as it stands may stay, whatever became of objective and project."""
        value = row.value
        if stands is not None and value is not None and value[1:] == stands[1:] and value[0] in (None, stands[0]):
            return
        objective, project = self.objectives.get(row.key[0]), self.projects.get(row.key[1])
        if objective is not None and (objective.gone_at is not None or objective.status in OVER):
            yield Fault("objective", f"{row.key[0]} asks for no project any more.")
        if project is not None and project.status in CLOSED:
            yield Fault("project", f"{row.key[1]} is {project.status}. It serves no objective any more.")

    def standing(self, store: Connection) -> Standing:
        """What holds from which day on, with who said it."""
        return {
            (ref, code, span.since): (span.until, span.value.strength, span.value.reason)
            for (ref, code), told in self._said(store).items()
            for span in spans(told)
            if span.value is not None
        }

    def _said(self, store: Connection) -> dict[tuple[str, str], History[Said | None]]:
        refs = {row.id: ref for ref, row in self.objectives.items()}
        codes = {row.id: code for code, row in self.projects.items()}
        return {
            (refs[objective_id], codes[project_id]): told
            for (objective_id, project_id), told in read_said(store).items()
            if objective_id in refs and project_id in codes
        }

    def write(self, store: Connection, changed: Standing, gone: Collection[Key], known: Known) -> None:
        """What stays as it stood keeps who said it and when."""
        before = self._said(store)
        after: dict[Pair, History[Said | None]] = {}
        for ref, code in {key[:2] for key in (*changed, *gone)}:
            told = {it.since: it for it in spans(before.get((ref, code), history((), None))) if it.value is not None}
            found = {first: (it.until, it.value) for first, it in told.items() if (ref, code, first) not in gone}
            for (own, its, first), (until, strength, reason) in changed.items():
                if (own, its) == (ref, code):
                    was = told[first].value if first in told else None
                    same = was is not None and (was.strength, was.reason) == (strength, reason)
                    found[first] = (until, was if same else Said(strength, reason, self.name, known.now))
            entries: dict[date, Said | None] = {}
            for first, (until, value) in sorted(found.items(), key=lambda it: it[0]):
                entries[first] = value
                if until != FAR:
                    entries[until] = None
            after[self.objectives[ref].id, self.projects[code].id] = history(entries.items(), None)
        keep(store, after, known.now, known.by)


def _cells(key: Key, value: Value) -> tuple[Cell, ...]:
    until, strength, reason = value
    last = "" if until == FAR else (until - _DAY).isoformat()
    return key[0], key[1], key[2].isoformat(), last, strength, reason
