"""Which projects a connection follows: all that the account sees, or those its scope names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

import msgspec

from connector.boundary.pages import id_text
from connector.errors import ScopeError, SkipError
from connector.jira.client import JiraClient
from connector.jira.paging import by_offset


class FollowedProject(msgspec.Struct, frozen=True):
    """A project in scope, with its payload as it came. `id` is "" where the payload names none."""

    id: str
    key: str
    archived: bool
    payload: bytes


class _Project(msgspec.Struct):
    # Jira 4 knew projects without an id. Such a one is landed as it came, but nothing in it can be followed.
    id: str | int = ""
    key: str = ""
    archived: bool = False


def visible_projects(client: JiraClient) -> Iterator[FollowedProject]:
    """Every project the account sees, archived ones included."""
    if client.server().cloud:
        params = {"expand": "lead", "status": ["live", "archived"]}
        for slab in by_offset(client, "project/search", params=params):
            yield from map(_followed, slab.slices)
    else:
        listed = client.get("project", list[msgspec.Raw], {"includeArchived": "true", "expand": "lead"})
        yield from map(_followed, listed)


def followed_projects(client: JiraClient, scope: Sequence[str]) -> tuple[list[FollowedProject], list[str]]:
    """The projects of the scope, and the names in the scope that no visible project bears.

    A name is a key, a former key or an id. Without a scope: all visible projects.
    """
    visible = list(visible_projects(client))
    if not scope:
        return visible, []
    by_name = {project.key: project for project in visible} | {project.id: project for project in visible}
    found: dict[str, FollowedProject] = {}
    missing: list[str] = []
    for name in scope:
        project = by_name.get(name) or _by_former_key(client, name)
        if project is None:
            missing.append(name)
        else:
            found.setdefault(project.id, project)
    return list(found.values()), missing


def unknown_projects(missing: Sequence[str]) -> ScopeError:
    """The error for names in the scope that lead nowhere."""
    names = ", ".join(missing)
    one = len(missing) == 1
    return ScopeError(
        f"The project {names} in the scope does not exist or cannot be seen"
        if one
        else f"The projects {names} in the scope do not exist or cannot be seen",
        remedy="Correct the project keys of this connection, or give its account access to them",
    )


def _by_former_key(client: JiraClient, name: str) -> FollowedProject | None:
    # Jira keeps the keys a project once had, but lists only the present one.
    try:
        return _followed(client.get(f"project/{quote(name, safe='')}", msgspec.Raw, {"expand": "lead"}))
    except SkipError:
        return None


def _followed(raw: msgspec.Raw) -> FollowedProject:
    project = msgspec.json.decode(raw, type=_Project)
    return FollowedProject(id_text(project.id), project.key, project.archived, bytes(raw))
