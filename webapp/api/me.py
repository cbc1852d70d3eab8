"""GET /api/v1/me: whose token it is, and what it can do."""

from __future__ import annotations

from datetime import datetime

import msgspec
from flask import Blueprint, Response

from portfolio.access.viewer import shared
from webapp import bearer
from webapp.api.asked import Nothing, answer, query

part = Blueprint("me", __name__)


class Role(msgspec.Struct, frozen=True):
    """A role of the user, and what it is held over: `id` of a portfolio, program or project, or `segment`."""

    role: str
    scope: str
    id: int | None
    segment: str | None


class User(msgspec.Struct, frozen=True):
    id: int
    name: str
    origin: str
    roles: list[Role]


class Token(msgspec.Struct, frozen=True):
    """The token of this request. `permits` are those of its permits that the user has the right to at present."""

    id: int
    name: str
    expires_at: datetime
    permits: list[str]


class Me(msgspec.Struct, frozen=True):
    user: User
    token: Token


@part.get("/me")
def me() -> Response:
    query(Nothing)
    found = bearer.bearer()
    assert found is not None, "a request without a token came by the guard"
    user, viewer = found.user, found.user.viewer
    roles = [
        Role(grant.role, grant.scope.type, grant.scope.id or None, grant.scope.segment or None)
        for grant in sorted(viewer.grants)
    ]
    permits = [str(permit) for permit in sorted(shared(viewer.limit or (), viewer))]
    return answer(
        Me(User(user.id, user.name, user.origin, roles), Token(found.token_id, found.name, found.expires_at, permits))
    )
