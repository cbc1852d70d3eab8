"""What a scenario asks of whom: the operations that fit, by the manager of the project they are about, with links.

It says who has to do what in Jira or Asana to make the plan so; nothing of it is done here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from portfolio.model.people import Person
from portfolio.model.structure import Project, ProjectRef
from portfolio.model.work import WorkItem
from portfolio.scenario.faults import Fault, Unfit
from portfolio.scenario.names import Names
from portfolio.scenario.operations import Operation


@dataclass(frozen=True)
class ToDo:
    """One thing to do: the operation of that number, who manages the project (None: nobody is known to, or it is of no
    single project), and the item and project with their addresses in the tracker. Of a project out of sight nothing is
    told."""

    number: int
    operation: Operation
    manager: str | None = None
    project_id: int | None = None
    project: str | None = None
    key: str | None = None
    title: str | None = None
    url: str | None = None


def to_do(
    connection: Connection,
    operations: Sequence[Operation],
    left_out: Sequence[Fault],
    names: Names,
    project_ids: Sequence[int],
) -> tuple[ToDo, ...]:
    """What is to be done, by manager and then in order. `project_ids` are those of the projects by their places."""
    skipped = {it.number for it in left_out}
    fitting = [(number, it) for number, it in enumerate(operations, 1) if number not in skipped]
    items = {number: ident for number, it in fitting if (ident := _item(it, names)) is not None}
    columns = (WorkItem.id, WorkItem.key, WorkItem.title, WorkItem.url, WorkItem.project_id)
    rows = {it.id: it for it in connection.execute(select(*columns).where(WorkItem.id.in_(set(items.values()))))}
    projects = {
        number: rows[items[number]].project_id if number in items else _project(it, names, project_ids)
        for number, it in fitting
    }
    # An item in sight may be at home in a project that is not.
    wanted = {project_ids[place] for place in names.projects.values()} & set(projects.values())
    query = select(Project.id, Project.name, Person.name.label("manager")).where(Project.id.in_(wanted))
    known = {it.id: it for it in connection.execute(query.outerjoin(Person, Person.id == Project.manager_id))}
    refs = select(ProjectRef.project_id, ProjectRef.url).where(ProjectRef.project_id.in_(wanted), ProjectRef.is_primary)
    addresses = {it.project_id: it.url for it in connection.execute(refs.order_by(ProjectRef.id.desc()))}
    found = []
    for number, it in fitting:
        home = known.get(projects[number] or 0)
        where = (home.manager, home.id, home.name) if home else (None, None, None)
        row = rows.get(items.get(number, 0))
        told = (row.key, row.title, row.url) if row else (None, None, addresses.get(home.id) if home else None)
        found.append(ToDo(number, it, *where, *told))
    return tuple(sorted(found, key=lambda it: (it.manager is None, it.manager or "", it.number)))


def _item(it: Operation, names: Names) -> int | None:
    key = getattr(it, "item", None)
    try:
        return None if key is None else names.item(key, getattr(it, "connection", None))
    except Unfit:
        return None


def _project(it: Operation, names: Names, project_ids: Sequence[int]) -> int | None:
    code: str = getattr(it, "project", None) or ""
    return project_ids[names.projects[code]] if code in names.projects else None
