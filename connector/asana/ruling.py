"""What a rule of what to follow means in Asana now: the projects of a team, a portfolio, a workspace, or one by gid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

import msgspec

from connector.asana import asking
from connector.asana.plain import word
from connector.asana.session import Session, decoded
from connector.errors import FeatureAbsentError, ForbiddenError, MissingError, RefusedError, ScopeError, SkipError
from connector.settings import Follow, FollowType


class Home(msgspec.Struct, frozen=True):
    gid: str = ""
    name: str | None = None


class Followed(msgspec.Struct, frozen=True):
    """A followed project and its workspace."""

    gid: str
    workspace: Home | None = None
    archived: bool | None = None

    @property
    def workspace_gid(self) -> str:
        return self.workspace.gid if self.workspace else ""


class _Item(Followed, frozen=True):
    resource_type: str = ""


class _Named(msgspec.Struct, frozen=True):
    gid: str = ""
    name: str | None = None


UNHAD = (MissingError, ForbiddenError, RefusedError, FeatureAbsentError)


def place(session: Session, path: str, params: dict[str, str]) -> list[Followed]:
    """The projects of a list."""
    return [decoded(raw, Followed, path) for raw in session.all(path, params, asking.PROJECT_PLACE)]


def meant(session: Session, rule: Follow, workspaces: Sequence[str]) -> Sequence[Followed]:
    """The projects a rule means, each once. `workspaces` are those in which names are looked for.

    Raises `ScopeError`, whose `what` is only the reason.
    """
    try:
        match rule.type:
            case FollowType.PROJECT:
                path = f"/projects/{quote(rule.name, safe='')}"
                return [decoded(session.one(path, asking.PROJECT_PLACE), Followed, path)]
            case FollowType.TEAM:
                gid = _gid_of(rule, lambda: _lists(session, workspaces, "/workspaces/{}/teams", asking.TEAM))
                return place(session, "/projects", {"team": gid})
            case FollowType.PORTFOLIO:
                gid = _gid_of(rule, lambda: _portfolios(session, workspaces))
                return list(_in_portfolio(session, gid, set()))
            case FollowType.WORKSPACE:
                gid = _gid_of(rule, lambda: session.all("/workspaces", {}, asking.WORKSPACE))
                return place(session, "/projects", {"workspace": gid})
    except UNHAD as raised:
        reason = raised.what[:1].lower() + raised.what[1:]
        raise ScopeError(reason, method="GET", path=raised.path, status=raised.status) from None
    raise ScopeError(f"Asana knows no {rule.type} that could be followed")


def _gid_of(rule: Follow, listed: Callable[[], Sequence[msgspec.Raw]]) -> str:
    """The gid a rule gives, or that of the only thing of its name."""
    if rule.name.isdecimal():
        return rule.name
    wanted = word(rule.name).casefold()
    named = (decoded(raw, _Named, f"/{rule.type}s") for raw in listed())
    found = list(dict.fromkeys(each.gid for each in named if word(each.name).casefold() == wanted))
    if len(found) != 1:
        raise ScopeError(
            f"there are {len(found)} of this name; give its gid" if found else "there is none of this name"
        )
    return found[0]


def _lists(session: Session, workspaces: Sequence[str], path: str, fields: Sequence[str]) -> list[msgspec.Raw]:
    """The lists of all workspaces that have one; a workspace that is no organisation has no teams."""
    found: list[msgspec.Raw] = []
    for gid in workspaces:
        try:
            found += session.all(path.format(gid), {}, fields)
        except SkipError:
            continue
    return found


def _portfolios(session: Session, workspaces: Sequence[str]) -> list[msgspec.Raw]:
    return [raw for gid in workspaces for raw in session.all("/portfolios", {"workspace": gid}, asking.PORTFOLIO)]


def _in_portfolio(session: Session, gid: str, seen: set[str]) -> Iterator[Followed]:
    """The projects of a portfolio and of those nested in it; a nested one that is not shared stays out."""
    seen.add(gid)
    path = f"/portfolios/{quote(gid, safe='')}/items"
    for raw in session.all(path, {}, (*asking.PROJECT_PLACE, *asking.PORTFOLIO_ITEM)):
        item = decoded(raw, _Item, path)
        if item.resource_type != "portfolio":
            if item.gid not in seen:
                seen.add(item.gid)
                yield Followed(item.gid, item.workspace, item.archived)
        elif item.gid not in seen:
            try:
                yield from _in_portfolio(session, item.gid, seen)
            except (ForbiddenError, MissingError):
                continue
