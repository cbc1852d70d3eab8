"""Scopes as the fields of forms write them: "all", "own", "portfolio:3", "segment:Retail"."""

from __future__ import annotations

from portfolio.access.roles import Scope, ScopeType


def scope_text(scope: Scope) -> str:
    """The scope as a form writes it."""
    which = scope.segment or str(scope.id or "")
    return f"{scope.type}:{which}" if which else scope.type.value


def read_scope(text: str) -> Scope | None:
    """The scope a form sent, or None for what no form of ours sends."""
    kind, _, which = text.partition(":")
    if kind not in frozenset(ScopeType):
        return None
    if kind == ScopeType.SEGMENT:
        return Scope(ScopeType.SEGMENT, segment=which)
    if not which:
        return Scope(ScopeType(kind))
    return Scope(ScopeType(kind), int(which)) if which.isascii() and which.isdecimal() and len(which) < 19 else None
