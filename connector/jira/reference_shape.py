"""The parts of reference payloads that are read, as structs. Nearly all may be missing: sites of all ages differ."""

from __future__ import annotations

import msgspec

from connector.jira.issue_shape import LinkKind, Named, Status
from connector.jira.people import User


class Found(msgspec.Struct):
    """The payload of a QUERIES record, which the connector puts together."""

    query: str
    items: list[str]


class Scope(msgspec.Struct):
    """To whom a status of a team-managed project belongs."""

    project: Named | None = None


class ScopedStatus(Status):
    scope: Scope | None = None


class LinkType(LinkKind):
    id: str | int | None = None


class Project(msgspec.Struct):
    key: str
    name: str | None = None
    lead: User | None = None
    projectCategory: Named | None = None
    archived: bool | None = None


class Location(msgspec.Struct):
    projectId: str | int | None = None


class Board(msgspec.Struct):
    id: str | int
    name: str = ""
    type: str = ""
    location: Location | None = None


class EstimationField(msgspec.Struct):
    fieldId: str | None = None


class Estimation(msgspec.Struct):
    type: str = ""
    field: EstimationField | None = None


class Configuration(msgspec.Struct):
    estimation: Estimation | None = None


class ConfiguredBoard(msgspec.Struct):
    """The payload of a BOARDS record: two answers in one."""

    board: Board
    configuration: Configuration | None = None


class Sprint(msgspec.Struct):
    name: str = ""
    state: str = ""
    originBoardId: str | int | None = None
    boardId: str | int | None = None
    startDate: str | int | None = None
    endDate: str | int | None = None
    completeDate: str | int | None = None
    goal: str | None = None


class Version(msgspec.Struct):
    name: str = ""
    projectId: str | int | None = None
    startDate: str | None = None
    releaseDate: str | None = None
    released: bool | None = None
    archived: bool | None = None


class Component(msgspec.Struct):
    name: str = ""
    projectId: str | int | None = None
    lead: User | None = None


class Worklog(msgspec.Struct):
    issueId: str | int | None = None
    author: User | None = None
    started: str | int | None = None
    created: str | int | None = None
    updated: str | int | None = None
    timeSpentSeconds: float | str | None = None
