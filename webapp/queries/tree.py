"""Arranges loaded projects: filters them, sorts them within their programs and portfolios, counts their colours.

Of many projects a part is shown: a tree whose branches open one by one, or the pages of a list. Pure: the same rows
and wishes give the same table.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from webapp.queries.columns import COLUMNS
from webapp.queries.portfolio import GroupLine, Loaded, ProjectLine
from webapp.tables import Order, Paging, paging, read_choice, read_id, read_text

RAGS = ("red", "amber", "green", "grey")
CURRENT = ("proposed", "active", "on_hold")
STATUSES = (*CURRENT, "cancelled", "closed")
REPORTED = ("green", "amber", "red", "none")
SORTS = ("name", "manager", "status", "rag", "reported", *COLUMNS)
HOMELESS = 0
"""The id under which projects without a portfolio, and programs without one, are grouped."""
MANY = 200
"""More projects than these are shown in parts."""
AT_ONCE = 100
"""So many projects a page of a list, or an open branch, shows of many."""


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


def read_filters(arguments: Mapping[str, str]) -> Filters:
    """The filters in the URL; what is none of the choices is not set."""
    return Filters(
        portfolio=read_id(arguments, "portfolio"),
        program=read_id(arguments, "program"),
        rag=read_choice(arguments, "rag", RAGS),
        reported=read_choice(arguments, "reported", REPORTED),
        status=read_choice(arguments, "status", (*STATUSES, "all")) or "current",
        manager=read_id(arguments, "manager"),
        text=read_text(arguments, "q"),
    )


@dataclass(frozen=True)
class Part:
    """Which part to show of many projects: the branches of the tree that are open, by key; the page of the list."""

    opened: frozenset[str] = frozenset()
    page: int = 1


@dataclass(frozen=True)
class Row:
    """One row of the table. `line` is a project or a group; `projects` counts those below a group that fit.

    The group of what has no portfolio has no line, but the `colours` of what is below it. In a tree shown in part, a
    group is `opened` or not, None where the filters ask for it; and a row of the kind "rest", with the line of its
    group, stands for the `projects` of the group that are left out.
    """

    kind: str
    key: str
    parent: str
    level: int
    line: ProjectLine | GroupLine | None
    projects: int = 0
    colours: tuple[tuple[str, int], ...] = ()
    opened: bool | None = None


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
    """What the page shows: the rows, and of all projects that fit the counts and those whose colour is another one.

    `parted` where the rows are a part of a tree; `pages` where they are a page of a list.
    """

    rows: tuple[Row, ...]
    summary: Summary
    turned: tuple[ProjectLine, ...]
    parted: bool = False
    pages: Paging | None = None


def filled(rows: Iterable[Row], lines: Iterable[ProjectLine | GroupLine]) -> Iterator[Row]:
    """The rows with these lines in place of their own, in the same order."""
    left = iter(lines)
    return (replace(row, line=next(left)) if row.line else row for row in rows)


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
    if column in COLUMNS or (column == "rag" and isinstance(line, GroupLine)):
        return line.figure
    if column == "name":
        return line.name.casefold()
    if column == "manager":
        person = line.owner if isinstance(line, GroupLine) else line.manager
        return person.casefold() if person else None
    if isinstance(line, GroupLine):
        return None
    if column == "status":
        return STATUSES.index(line.status) if line.status in STATUSES else None
    rag = line.rag if column == "rag" else line.reported_rag
    return RAGS.index(rag) if rag in RAGS else None


Line = TypeVar("Line", bound=ProjectLine | GroupLine)


def _sorted(lines: Iterable[Line], order: Order) -> list[Line]:
    by_name = sorted(lines, key=lambda line: (line.name.casefold(), line.id))
    valued = [(_value(line, order.column), line) for line in by_name]
    known = sorted((pair for pair in valued if pair[0] is not None), key=lambda pair: pair[0], reverse=order.down)
    return [line for _, line in known] + [line for value, line in valued if value is None]


def has_turned(project: ProjectLine) -> bool:
    """Whether a project had a colour and has another now. Who could not be judged then turned from nothing."""
    return project.rag_before not in (None, "grey")


def _summary(loaded: Loaded, shown: Sequence[ProjectLine]) -> Summary:
    seen = [project for project in shown if project.permitted]
    count = Counter(project.rag for project in seen)
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


def _branch(projects: Sequence[ProjectLine], order: Order, group: Row, part: Part | None) -> list[Row]:
    """The projects of a group, with the number of those left out where only a part is shown."""
    level = group.level + 1
    rows = _project_rows(projects, order, group.key, level)
    if part is None or len(rows) <= AT_ONCE:
        return rows
    return [*rows[:AT_ONCE], Row("rest", f"r{group.key}", group.key, level, group.line, len(rows) - AT_ONCE)]


def _group(
    kind: str, key: str, parent: str, line: GroupLine | None, projects: Sequence[ProjectLine], opened: bool | None
) -> Row:
    colours = () if line else _colours(projects)
    return Row(kind, key, parent, 2 if parent else 1, line, len(projects), colours, opened)


def _colours(projects: Iterable[ProjectLine]) -> tuple[tuple[str, int], ...]:
    count = Counter(project.rag for project in projects if project.permitted)
    return tuple((rag, count[rag]) for rag in RAGS if count[rag])


def _tree(
    loaded: Loaded, shown: Sequence[ProjectLine], order: Order, part: Part | None, drilled: Collection[str]
) -> list[Row]:
    below: dict[int, dict[int, list[ProjectLine]]] = defaultdict(lambda: defaultdict(list))
    for project in shown:
        program = project.program_id if project.program_id in loaded.programs else None
        below[_home(loaded, project)][program or HOMELESS].append(project)

    def opened(key: str) -> bool | None:
        return None if part is None or key in drilled else key in part.opened

    rows: list[Row] = []
    portfolios = _sorted((loaded.portfolios[home] for home in below if home in loaded.portfolios), order)
    homes: list[tuple[int, GroupLine | None]] = [(line.id, line) for line in portfolios]
    homes += [(home, None) for home in below if home not in loaded.portfolios]
    for home, line in homes:
        inside, top = below[home], f"f{home}"
        every = [project for projects in inside.values() for project in projects]
        portfolio = _group("portfolio", top, "", line, every, opened(top))
        rows.append(portfolio)
        if portfolio.opened is False:
            continue
        for program_line in _sorted((loaded.programs[id_] for id_ in inside if id_ != HOMELESS), order):
            key, projects = f"g{home}-{program_line.id}", inside[program_line.id]
            group = _group("program", key, top, program_line, projects, opened(key))
            rows.append(group)
            if group.opened is not False:
                rows += _branch(projects, order, group, part)
        rows += _branch(inside.get(HOMELESS, []), order, portfolio, part)
    return rows


def _drilled(loaded: Loaded, wish: Filters) -> set[str]:
    """The branches that the filters ask for by name: they are open."""
    program = loaded.programs.get(wish.program or 0)
    homes = [] if wish.portfolio is None else [wish.portfolio]
    if program is None:
        return {f"f{home}" for home in homes}
    homes.append(program.portfolio_id or HOMELESS)
    return {key for home in homes for key in (f"f{home}", f"g{home}-{program.id}")}


def arrange(loaded: Loaded, wish: Filters, order: Order, part: Part | None = None, *, flat: bool = False) -> Table:
    """The table for these wishes: a tree, or all projects in one sorted list. Of `MANY` projects and more only the
    `part`, where one is given."""
    shown = [project for project in loaded.projects if _fits(loaded, wish, project)]
    part = part if len(shown) > MANY else None
    turned = tuple(_sorted((project for project in shown if has_turned(project)), Order("rag")))
    summary = _summary(loaded, shown)
    if not flat and (loaded.portfolios or loaded.programs):
        rows = _tree(loaded, shown, order, part, _drilled(loaded, wish))
        return Table(tuple(rows), summary, turned, parted=part is not None)
    rows = _project_rows(shown, order, "", 1)
    if part is None:
        return Table(tuple(rows), summary, turned)
    pages = paging(part.page, len(rows), AT_ONCE)
    return Table(tuple(rows[pages.offset : pages.offset + pages.size]), summary, turned, pages=pages)
