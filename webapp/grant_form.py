"""The form a role is given with: a role, and what it is held over."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from portfolio.access.roles import EVERYTHING, OWN, SCOPES, Grant, GrantError, Role, Scope, ScopeType


class GrantFormError(GrantError):
    """What was chosen is no grant. `field` is where: "role", "scope", or "pair" where the two do not fit together."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def write_scope(scope: Scope) -> str:
    """The scope as the value of a choice: "all", "portfolio:3", "segment:North"."""
    if scope in (EVERYTHING, OWN):
        return scope.type.value
    return f"{scope.type}:{scope.segment or scope.id}"


def read_scope(text: str, known: Collection[Scope]) -> Scope | None:
    """The scope of a choice that was offered; None for any other text."""
    offered = {write_scope(scope): scope for scope in (EVERYTHING, OWN, *known)}
    return offered.get(text)


def read_grant(form: Mapping[str, str], known: Collection[Scope]) -> Grant:
    """The grant that was chosen. Raises `GrantFormError` for what was not offered, or cannot be given."""
    role, scope = form.get("role", ""), read_scope(form.get("scope", ""), known)
    if role not in frozenset(Role):
        raise GrantFormError("role", "choose a role")
    if scope is None:
        raise GrantFormError("scope", "choose what the role is held over")
    if scope.type not in SCOPES[Role(role)]:
        raise GrantFormError("pair", f"the role {role} cannot be held over {scope.type}")
    return Grant(Role(role), scope)


def grouped(places: Mapping[Scope, str]) -> list[tuple[ScopeType, list[tuple[str, str]]]]:
    """The places as groups of choices: value and name."""
    kinds: Iterable[ScopeType] = (ScopeType.PORTFOLIO, ScopeType.PROGRAM, ScopeType.SEGMENT, ScopeType.PROJECT)
    return [
        (kind, [(write_scope(scope), name) for scope, name in places.items() if scope.type is kind])
        for kind in kinds
        if any(scope.type is kind for scope in places)
    ]


def scopes_of(role: str) -> list[ScopeType]:
    """What the role can be held over, widest first."""
    return [kind for kind in ScopeType if kind in SCOPES[Role(role)]]


def roles_over(kind: str) -> list[Role]:
    """The roles that can be held over such a scope."""
    return [role for role in Role if ScopeType(kind) in SCOPES[role]]
