"""Arranges loaded projects: filters them, sorts them within their programs and portfolios, counts their colours.

Pure: the same rows and wishes give the same table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from webapp.queries.columns import COLUMNS, COUNTED, shown_value
from webapp.queries.portfolio import GroupLine, Loaded, ProjectLine
from webapp.tables import Order

RAGS = ("red", "amber", "green", "grey")
CURRENT = ("proposed", "active", "on_hold")
STATUSES = (*CURRENT, "cancelled", "closed")
SORTS = ("name", "manager", "status", "rag", "reported", *COLUMNS)
HOMELESS = 0
"""The id under which projects without a portfolio, and programs without one, are grouped."""


@dataclass(frozen=True)
class Filters:
    """What to show. `status` is one status, "current" or "all"."""

    portfolio: int | None = None
    program: int | None = None
    rag: str | None = None
    reported: str | None = None
    status: str = "current"
    manager: int | None = None
    text: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything is set besides the status everybody starts with."""
        return self != Filters()


@dataclass(frozen=True)
class Row:
    """One row of the table. `line` is a project or a group; `projects` counts the shown projects below a group.

    The group of what has no portfolio has no line.
    """

    kind: str
    key: str
    parent: str
    level: int
    line: ProjectLine | GroupLine | None
    projects: int = 0


@dataclass(frozen=True)
class Summary:
    """Counts over the shown projects, colours among those whose figures the viewer may see; `withheld` are the others.

    `hidden_red`: computed red, reported green. None: nothing to compare with.
    """

    projects: int
    withheld: int
    red: int
    amber: int
    green: int
    grey: int
    hidden_red: int
    turned_red: int | None
    recovered: int | None


@dataclass(frozen=True)
class Table:
    """What the page shows: the rows, and of the projects in them the counts and those whose colour is another one."""

    rows: tuple[Row, ...]
    summary: Summary
    turned: tuple[ProjectLine, ...]


def _home(loaded: Loaded, project: ProjectLine) -> int:
    """The portfolio a project counts in: its own, else its program's."""
    program = loaded.programs.get(project.program_id or 0)
    return project.portfolio_id or (program.portfolio_id if program else None) or HOMELESS


def _fits(loaded: Loaded, wish: Filters, project: ProjectLine) -> bool:
    text = wish.text.casefold()
    statuses = CURRENT if wish.status == "current" else STATUSES if wish.status == "all" else (wish.status,)
    return (
        project.status in statuses
        and (wish.portfolio is None or _home(loaded, project) == wish.portfolio)
        and (wish.program is None or project.program_id == wish.program)
        and (wish.rag is None or project.rag == wish.rag)
        and (wish.reported is None or (project.reported_rag or "none") == wish.reported)
        and (wish.manager is None or project.manager_id == wish.manager)
        and (not text or any(text in part.casefold() for part in (project.name, project.code, project.manager or "")))
    )


def _value(line: ProjectLine | GroupLine, column: str) -> Any:
    """What a row is sorted by; None goes last in either direction."""
    if column in COLUMNS:
        reading = line.readings.get(COLUMNS[column])
        return shown_value(reading, counted=column in COUNTED) if reading else None
    if column == "name":
        return line.name.casefold()
    if isinstance(line, GroupLine):
        return _group_value(line, column)
    if column == "manager":
        return line.manager.casefold() if line.manager else None
    if column == "status":
        return STATUSES.index(line.status) if line.status in STATUSES else None
    rag = line.rag if column == "rag" else line.reported_rag
    return RAGS.index(rag) if rag in RAGS else None


def _group_value(line: GroupLine, column: str) -> Any:
    if column == "manager":
        return line.owner.casefold() if line.owner else None
    if column == "rag":
        counts = dict(line.colours)
        return tuple(-counts.get(rag, 0) for rag in RAGS)
    return None


Line = TypeVar("Line", bound=ProjectLine | GroupLine)


def _sorted(lines: Iterable[Line], order: Order) -> list[Line]:
    by_name = sorted(lines, key=lambda line: (line.name.casefold(), line.id))
    known = [line for line in by_name if _value(line, order.column) is not None]
    unknown = [line for line in by_name if _value(line, order.column) is None]
    key: Callable[[Line], Any] = lambda line: _value(line, order.column)  # noqa: E731
    return sorted(known, key=key, reverse=order.down) + unknown


def has_turned(project: ProjectLine) -> bool:
    """Whether a project had a colour and has another now. Who could not be judged then turned from nothing."""
    return project.rag_before not in (None, "grey", project.rag)


def _summary(loaded: Loaded, shown: Sequence[ProjectLine]) -> Summary:
    seen = [project for project in shown if project.permitted]
    count = {rag: sum(project.rag == rag for project in seen) for rag in RAGS}
    turned = [project for project in shown if has_turned(project)]
    recovered = [project for project in turned if project.rag_before == "red" and project.rag != "grey"]
    return Summary(
        projects=len(shown),
        withheld=len(shown) - len(seen),
        red=count["red"],
        amber=count["amber"],
        green=count["green"],
        grey=count["grey"],
        hidden_red=sum(project.rag == "red" and project.reported_rag == "green" for project in shown),
        turned_red=sum(project.rag == "red" for project in turned) if loaded.since else None,
        recovered=len(recovered) if loaded.since else None,
    )


def _project_rows(projects: Iterable[ProjectLine], order: Order, parent: str, level: int) -> list[Row]:
    return [Row("project", f"j{project.id}", parent, level, project) for project in _sorted(projects, order)]


def _tree(loaded: Loaded, shown: Sequence[ProjectLine], order: Order) -> list[Row]:
    below: dict[int, dict[int, list[ProjectLine]]] = defaultdict(lambda: defaultdict(list))
    for project in shown:
        program = project.program_id if project.program_id in loaded.programs else None
        below[_home(loaded, project)][program or HOMELESS].append(project)
    rows: list[Row] = []
    portfolios = _sorted((loaded.portfolios[home] for home in below if home in loaded.portfolios), order)
    homes: list[tuple[int, GroupLine | None]] = [(line.id, line) for line in portfolios]
    homes += [(home, None) for home in below if home not in loaded.portfolios]
    for home, line in homes:
        top = f"f{home}"
        inside = below[home]
        rows.append(Row("portfolio", top, "", 1, line, sum(len(projects) for projects in inside.values())))
        for program_line in _sorted((loaded.programs[id_] for id_ in inside if id_ != HOMELESS), order):
            branch = f"g{home}-{program_line.id}"
            projects = inside[program_line.id]
            rows.append(Row("program", branch, top, 2, program_line, len(projects)))
            rows += _project_rows(projects, order, branch, 3)
        rows += _project_rows(inside.get(HOMELESS, []), order, top, 2)
    return rows


def arrange(loaded: Loaded, wish: Filters, order: Order, *, flat: bool = False) -> Table:
    """The table for these wishes: a tree, or all projects in one sorted list."""
    shown = [project for project in loaded.projects if _fits(loaded, wish, project)]
    grouped = not flat and (loaded.portfolios or loaded.programs)
    rows = _tree(loaded, shown, order) if grouped else _project_rows(shown, order, "", 1)
    turned = _sorted((project for project in shown if has_turned(project)), Order("rag"))
    return Table(tuple(rows), _summary(loaded, shown), tuple(turned))
