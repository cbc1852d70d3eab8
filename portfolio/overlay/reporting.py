"""Reports that are written here: the colour a project gives itself, beside those its tracker tells.

The newest report counts, wherever it was written; the others stay as its history.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, func, insert, or_, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.structure import Project, StatusUpdate
from portfolio.overlay.text import LONGEST, OverlayError
from portfolio.store.locks import Lock, exclusive

_PROJECT = cast(Table, Project.__table__)
REPORTED = "project.reported"
OBSERVED = "field:"
"""How the external id of a report begins that is the colour in a field of the project."""
STATUSES = {"green": "on_track", "amber": "at_risk", "red": "off_track"}
"""The colours a report may give, each with the word it goes by."""


def enter_report(store: Connection, project_id: int, rag: str, title: str, now: datetime, name: str, by: Actor) -> None:
    """Keep a report on a project in the caller's transaction. `name` is what pages call whoever writes it.

    Raises `OverlayError` for what is no colour, and for a title that is too long.
    """
    if rag not in STATUSES:
        raise OverlayError("rag", f"Choose one of: {', '.join(STATUSES)}.")
    title = " ".join(title.split())
    if len(title) > LONGEST:
        raise OverlayError("title", f"Write at most {LONGEST} characters.")
    # The lock of whoever writes projects, so that a sync does not put an older report in its place.
    exclusive(store, Lock.STRUCTURE)
    report = {"project_id": project_id, "rag": rag, "status": STATUSES[rag], "title": title}
    before = store.scalar(select(Project.reported_rag).where(Project.id == project_id))
    store.execute(insert(StatusUpdate).values(**report, created_at=now, entered_by=name))
    let_newest_count(store, [project_id])
    append(store, now, by, REPORTED, Subject("project", project_id), old={"rag": before}, new={"rag": rag})


def observe_colours(
    store: Connection, connection_id: int, colours: Mapping[int, tuple[str, str]], now: datetime
) -> None:
    """Keep the colours that fields of projects give them, by project: the tracker's id of the project, and the colour.

    A field has no date of its own: a colour counts since it was first read, and is a report of that instant. The same
    one as before is no new report. An emptied field says nothing.
    """
    own = (StatusUpdate.connection_id == connection_id, StatusUpdate.external_id.startswith(OBSERVED))
    query = select(StatusUpdate.project_id, StatusUpdate.rag).where(*own, StatusUpdate.project_id.in_(colours))
    said = store.execute(query.order_by(StatusUpdate.created_at, StatusUpdate.id))
    last = {project_id: rag for project_id, rag in said}  # noqa: C416 - rows are no pairs to the type checker
    rows = [
        {
            "connection_id": connection_id,
            "external_id": f"{OBSERVED}{external_id}:{now.isoformat()}",
            "project_id": project_id,
            "rag": rag,
            "status": STATUSES[rag],
            "title": "",
            "created_at": now,
        }
        for project_id, (external_id, rag) in colours.items()
        if last.get(project_id) != rag
    ]
    if rows:
        store.execute(insert(StatusUpdate), rows)


def let_newest_count(store: Connection, project_ids: Collection[int]) -> None:
    """Where a report that was written here, or a field's colour, is newer than what else the tracker says of the
    project, the project reports that."""
    ours = or_(StatusUpdate.connection_id.is_(None), StatusUpdate.external_id.startswith(OBSERVED))
    newest = (
        select(StatusUpdate.project_id, func.max(StatusUpdate.created_at).label("at"))
        .where(ours, StatusUpdate.project_id.in_(project_ids))
        .group_by(StatusUpdate.project_id)
        .subquery()
    )
    query = (
        select(StatusUpdate.project_id, StatusUpdate.rag, StatusUpdate.status, StatusUpdate.created_at)
        .join(newest, (newest.c.project_id == StatusUpdate.project_id) & (newest.c.at == StatusUpdate.created_at))
        .join(Project, Project.id == StatusUpdate.project_id)
        .where(ours)
        .where(or_(Project.reported_at.is_(None), Project.reported_at < StatusUpdate.created_at))
        .order_by(StatusUpdate.id)
    )
    rows = [
        {"to_id": project_id, "reported_rag": rag, "reported_status": status, "reported_at": at}
        for project_id, rag, status, at in store.execute(query)
    ]
    if rows:
        columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "to_id"}
        store.execute(update(_PROJECT).where(_PROJECT.c.id == bindparam("to_id")).values(**columns), rows)
