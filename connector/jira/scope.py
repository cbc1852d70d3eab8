"""What a connection follows: all projects that the account sees, or what its rules mean at the moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from connector.boundary.pages import id_text
from connector.errors import ConnectorError, MissingError, RefusedError, ScopeError, SkipError
from connector.jira.client import JiraClient
from connector.jira.issue_shape import Named
from connector.jira.paging import by_offset
from connector.jira.people import User
from connector.jira.query import restriction
from connector.jira.searching import project_keys
from connector.jira.words import shown
from connector.settings import Follow, FollowType

MOST_NAMED = 20
"""So many of what there is are named when a rule names something else."""


class FollowedProject(msgspec.Struct, frozen=True):
    """A project, with its payload as it came. `id` is "" where the payload names none."""

    id: str
    key: str
    archived: bool
    payload: bytes


class Described(msgspec.Struct, frozen=True):
    """What people know a project by. All but the name may be "": not told."""

    name: str
    category_id: str = ""
    category: str = ""
    lead: str = ""


class Unmet(NamedTuple):
    """A rule that means nothing, and why."""

    rule: Follow
    why: str


class Scope(NamedTuple):
    """The projects followed. `filters`: of which only some items, as a restriction in JQL by project id."""

    projects: Sequence[FollowedProject]
    filters: Mapping[str, str]
    unmet: Sequence[Unmet]


class _Project(msgspec.Struct):
    # Jira 4 knew projects without an id. Such a one is landed as it came, but nothing in it can be followed.
    id: str | int = ""
    key: str = ""
    archived: bool = False


class _Description(msgspec.Struct):
    name: str | None = None
    projectCategory: Named | None = None
    lead: User | None = None


class _Board(msgspec.Struct):
    id: str | int
    name: str = ""


class _Component(msgspec.Struct):
    id: str | int
    name: str = ""
    project: str = ""


def visible_projects(client: JiraClient) -> Iterator[FollowedProject]:
    """Every project the account sees, archived ones included."""
    if client.server().cloud:
        params = {"expand": "lead", "status": ["live", "archived"]}
        for slab in by_offset(client, "project/search", params=params):
            yield from map(_followed, slab.slices)
    else:
        listed = client.get("project", list[msgspec.Raw], {"includeArchived": "true", "expand": "lead"})
        yield from map(_followed, listed)


def described(project: FollowedProject) -> Described:
    """What a project's payload tells people of it; its key alone where that is of no known shape."""
    try:
        told = msgspec.json.decode(project.payload, type=_Description)
    except msgspec.ValidationError:
        return Described(project.key)
    category, lead = told.projectCategory or Named(), told.lead or User()
    return Described(
        shown(told.name or project.key), id_text(category.id), shown(category.name or ""), shown(lead.displayName or "")
    )


def followed(client: JiraClient, rules: Sequence[Follow]) -> Scope:
    """What the rules mean now; without any, all visible projects. A project that one rule takes whole is whole."""
    visible = list(visible_projects(client))
    if not rules:
        return Scope(visible, {}, ())
    found: dict[str, FollowedProject] = {}
    whole: set[str] = set()
    parts: dict[str, list[str]] = {}
    unmet: list[Unmet] = []
    for rule in rules:
        try:
            projects, where = meant(client, rule, visible)
        except ScopeError as raised:
            unmet.append(Unmet(rule, raised.what))
            continue
        for project in projects:
            found.setdefault(project.id, project)
            if where:
                parts.setdefault(project.id, []).append(where)
            else:
                whole.add(project.id)
    filters = {ident: " OR ".join(f"({part})" for part in some) for ident, some in parts.items() if ident not in whole}
    return Scope(list(found.values()), filters, unmet)


def meant(
    client: JiraClient, rule: Follow, visible: Sequence[FollowedProject]
) -> tuple[Sequence[FollowedProject], str]:
    """The projects a rule means, and the restriction to some of their items, "" for all. Raises `ScopeError`."""
    try:
        match rule.type:
            case FollowType.PROJECT:
                return [_project(client, rule.name, visible)], ""
            case FollowType.CATEGORY:
                return _in_category(client, rule.name, visible), ""
            case FollowType.BOARD:
                return _of_board(client, rule.name, visible), ""
            case FollowType.COMPONENT:
                component = _component(client, rule.name)
                return [_project(client, component.project, visible)], f"component = {id_text(component.id)}"
            case FollowType.QUERY:
                where = restriction(rule.name)
                keys = set(project_keys(client, where))
                return [project for project in visible if project.key in keys], where
    except RefusedError as raised:
        reason = f": {raised.reason}" if raised.reason else ""
        raise ScopeError(f"Jira does not take it{reason}", method=raised.method, path=raised.path) from None
    raise ScopeError(f"Jira knows no {rule.type} that could be followed")


def unmet_rules(unmet: Sequence[Unmet]) -> ScopeError:
    """The error for rules that mean nothing."""
    names = [each.rule.name for each in unmet if each.rule.type is FollowType.PROJECT]
    others = (each for each in unmet if each.rule.type is not FollowType.PROJECT)
    told = [f"The {each.rule} in the scope cannot be followed: {each.why}" for each in others]
    if names:
        one = len(names) == 1
        subject = f"The project {names[0]}" if one else f"The projects {', '.join(names)}"
        told.insert(0, f"{subject} in the scope {'does' if one else 'do'} not exist or cannot be seen")
    return ScopeError(
        ". ".join(told),
        remedy="Correct what this connection follows, or give its account access to it",
    )


def _project(client: JiraClient, name: str, visible: Sequence[FollowedProject]) -> FollowedProject:
    """The project of an id, a key or a former key."""
    for project in visible:
        if name in (project.id, project.key):
            return project
    # Jira keeps the keys a project once had, but lists only the present one.
    try:
        return _followed(client.get(f"project/{quote(name, safe='')}", msgspec.Raw, {"expand": "lead"}))
    except SkipError as raised:
        raise _nothing("It does not exist, or the account may not browse it", raised) from None


def _in_category(client: JiraClient, name: str, visible: Sequence[FollowedProject]) -> list[FollowedProject]:
    wanted = name.strip().casefold()
    found = []
    for project in visible:
        told = described(project)
        if told.category and (name == told.category_id or wanted == told.category.casefold()):
            found.append(project)
    if not found:
        # One that is empty at the moment is none that does not exist.
        known = client.get("projectCategory", list[Named])
        if not any(id_text(each.id) == name or shown(each.name or "").casefold() == wanted for each in known):
            names = ", ".join(sorted(shown(each.name or "") for each in known)[:MOST_NAMED])
            raise ScopeError(f"There is no category of this name; there are: {names or 'none at all'}")
    return found


def _of_board(client: JiraClient, name: str, visible: Sequence[FollowedProject]) -> list[FollowedProject]:
    """The projects of a board: those its filter names."""
    ident = name
    try:
        if not name.isdecimal():
            wanted = name.strip().casefold()
            slabs = by_offset(client, "board", params={"name": name}, agile=True)
            boards = [msgspec.json.decode(raw, type=_Board) for slab in slabs for raw in slab.slices]
            ids = [id_text(board.id) for board in boards if shown(board.name).casefold() == wanted]
            if len(ids) != 1:
                raise ScopeError(f"There are {len(ids)} boards of this name; give the board's id")
            ident = ids[0]
        slabs = by_offset(client, f"board/{ident}/project", agile=True)
        keys = {_followed(raw).id for slab in slabs for raw in slab.slices}
    except MissingError as raised:
        raise _nothing("There is no such board, or the account may not see it", raised) from None
    return [project for project in visible if project.id in keys]


def _component(client: JiraClient, name: str) -> _Component:
    """The component of an id, or of KEY/NAME."""
    key, slash, title = name.partition("/")
    try:
        if not slash:
            return client.get(f"component/{quote(name, safe='')}", _Component)
        listed = client.get(f"project/{quote(key.strip(), safe='')}/components", list[_Component])
    except SkipError as raised:
        raise _nothing(
            "There is no such component, or the account may not see it; give its id, or KEY/NAME", raised
        ) from None
    wanted = title.strip().casefold()
    for component in listed:
        if shown(component.name).casefold() == wanted:
            return msgspec.structs.replace(component, project=key.strip())
    raise ScopeError(f"Project {key} has no such component")


def _nothing(why: str, raised: ConnectorError) -> ScopeError:
    return ScopeError(why, method=raised.method, path=raised.path, status=raised.status)


def _followed(raw: msgspec.Raw) -> FollowedProject:
    project = msgspec.json.decode(raw, type=_Project)
    return FollowedProject(id_text(project.id), project.key, project.archived, bytes(raw))
