"""Payloads of everything but issues: people, catalogues, projects, boards, sprints, versions, components, worklogs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import msgspec

from connector.jira.fields import FieldShape, read_field
from connector.jira.issue_shape import Kind
from connector.jira.issues import CATEGORIES
from connector.jira.people import User, person_id, read_person
from connector.jira.reference_shape import (
    Component,
    ConfiguredBoard,
    Found,
    LinkType,
    Project,
    ScopedStatus,
    Sprint,
    Version,
    Worklog,
)
from connector.jira.words import day, instant, seconds, shown
from connector.protocol import Stream
from connector.records import (
    BoardRecord,
    ComponentRecord,
    KindRecord,
    LinkTypeRecord,
    MilestoneRecord,
    PersonRecord,
    ProjectRecord,
    QueryRecord,
    Record,
    SprintRecord,
    StatusRecord,
    UnreadableError,
    WorklogRecord,
)

S = TypeVar("S", bound=msgspec.Struct)


def _ident(value: str | int | None) -> str | None:
    return None if value is None or value == "" else str(value)


def _person(_address: str, ident: str, user: User) -> PersonRecord:
    return read_person(user, ident or person_id(user) or "")


def _status(_address: str, ident: str, status: ScopedStatus) -> StatusRecord:
    category = status.statusCategory
    owner = status.scope.project if status.scope else None
    return StatusRecord(
        external_id=ident,
        name=shown(status.name or ""),
        category=CATEGORIES.get(category.key or "") if category else None,
        project_id=_ident(owner.id) if owner else None,
    )


def _kind(_address: str, ident: str, kind: Kind) -> KindRecord:
    subtask = bool(kind.subtask)
    level = -1 if subtask and kind.hierarchyLevel is None else kind.hierarchyLevel
    return KindRecord(external_id=ident, name=shown(kind.name or ""), subtask=subtask, level=level)


def _link_type(_address: str, ident: str, kind: LinkType) -> LinkTypeRecord:
    name = shown(kind.name or "")
    return LinkTypeRecord(
        external_id=ident, name=name, outward=shown(kind.outward or name), inward=shown(kind.inward or name)
    )


def _project(address: str, ident: str, project: Project) -> ProjectRecord:
    lead, grouping = project.lead, project.projectCategory
    return ProjectRecord(
        external_id=ident,
        key=project.key,
        name=shown(project.name or project.key),
        url=f"{address}/browse/{project.key}",
        lead_id=person_id(lead),
        lead_name=shown(lead.displayName) if lead and lead.displayName else None,
        grouping=shown(grouping.name) if grouping and grouping.name else None,
        archived=bool(project.archived),
    )


def _board(_address: str, ident: str, both: ConfiguredBoard) -> BoardRecord:
    board = both.board
    estimation = both.configuration.estimation if both.configuration else None
    field = estimation.field.fieldId if estimation and estimation.type == "field" and estimation.field else None
    return BoardRecord(
        external_id=ident,
        name=shown(board.name),
        type=board.type,
        project_id=_ident(board.location.projectId) if board.location else None,
        # A board may estimate in the original time estimate, which is a field too but holds no points.
        points_field_id=field if field and field.startswith("customfield_") else None,
    )


def _sprint(_address: str, ident: str, sprint: Sprint) -> SprintRecord:
    return SprintRecord(
        external_id=ident,
        name=shown(sprint.name),
        state=sprint.state.lower(),
        board_id=_ident(sprint.originBoardId) or _ident(sprint.boardId),
        start=instant(sprint.startDate, "startDate"),
        end=instant(sprint.endDate, "endDate"),
        completed=instant(sprint.completeDate, "completeDate"),
        goal=shown(sprint.goal or "") or None,
    )


def _version(address: str, ident: str, version: Version) -> MilestoneRecord:
    if version.projectId is None:
        raise UnreadableError(f"version {ident} has no projectId")
    return MilestoneRecord(
        external_id=ident,
        name=shown(version.name),
        project_id=str(version.projectId),
        start=day(version.startDate, "startDate"),
        due=day(version.releaseDate, "releaseDate"),
        released=bool(version.released),
        archived=bool(version.archived),
        url=f"{address}/issues/?jql=fixVersion%20%3D%20{ident}",
    )


def _component(_address: str, ident: str, component: Component) -> ComponentRecord:
    return ComponentRecord(
        external_id=ident,
        name=shown(component.name),
        project_id=_ident(component.projectId),
        lead_id=person_id(component.lead),
    )


def _query(_address: str, ident: str, found: Found) -> QueryRecord:
    return QueryRecord(external_id=ident, text=found.query, item_ids=tuple(found.items))


def _worklog(_address: str, ident: str, worklog: Worklog) -> WorklogRecord:
    started = worklog.started
    moment = instant(started, "started") if isinstance(started, int) else None
    work_date = day(started, "started") if isinstance(started, str) else moment and moment.date()
    if work_date is None:
        raise UnreadableError(f"worklog {ident} has no started")
    spent = seconds(worklog.timeSpentSeconds, "timeSpentSeconds")
    if spent is None:
        raise UnreadableError(f"worklog {ident} has no timeSpentSeconds")
    return WorklogRecord(
        external_id=ident,
        item_id=_ident(worklog.issueId),
        person_id=person_id(worklog.author),
        work_date=work_date,
        seconds=spent,
        created=instant(worklog.created, "created"),
        updated=instant(worklog.updated, "updated"),
    )


def _field(_address: str, _ident: str, field: FieldShape) -> Record:
    return read_field(field)


def _reading(shape: type[S], read: Callable[[str, str, S], Record]) -> Callable[[str, str, bytes], Record]:
    return partial(_read, msgspec.json.Decoder(shape), read)


def _read(
    decoder: msgspec.json.Decoder[Any], read: Callable[[str, str, Any], Record], address: str, ident: str, body: bytes
) -> Record:
    return read(address, ident, decoder.decode(body))


# Stream to (address, external id, payload) -> record. Raises msgspec's errors for payloads of another shape.
REFERENCE: dict[Stream, Callable[[str, str, bytes], Record]] = {
    Stream.PEOPLE: _reading(User, _person),
    Stream.FIELDS: _reading(FieldShape, _field),
    Stream.STATUSES: _reading(ScopedStatus, _status),
    Stream.KINDS: _reading(Kind, _kind),
    Stream.LINK_TYPES: _reading(LinkType, _link_type),
    Stream.PROJECTS: _reading(Project, _project),
    Stream.BOARDS: _reading(ConfiguredBoard, _board),
    Stream.SPRINTS: _reading(Sprint, _sprint),
    Stream.MILESTONES: _reading(Version, _version),
    Stream.COMPONENTS: _reading(Component, _component),
    Stream.QUERIES: _reading(Found, _query),
    Stream.WORKLOGS: _reading(Worklog, _worklog),
}
