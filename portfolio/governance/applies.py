"""Whether a rule speaks of a project. Pure: the fields of the project against the rule's alternatives."""

from __future__ import annotations

from typing import NamedTuple

from portfolio.governance.rules import Scope


class Nature(NamedTuple):
    """What a project is, as far as scopes ask; None where nobody said. Fields in the order of `Scope`'s lists."""

    type: str | None
    phase: str | None
    methodology: str | None
    size: str | None
    status: str


def nature(type_: str | None, phase: str | None, methodology: str | None, size: str | None, status: str) -> Nature:
    """The nature of a project.

    Decision: an active project whose phase nobody told counts as in execution. Most trackers hold no phase, and a
    project that is under way must not be left unjudged for it.
    """
    if phase is None and status == "active":
        phase = "execution"
    return Nature(type_, phase, methodology, size, status)


def missing(scopes: tuple[Scope, ...], project: Nature) -> tuple[str, ...] | None:
    """() where a rule of these scopes speaks of the project, None where it does not.

    Where it would depend on what nobody told of the project: the names of these fields.
    """
    unknown: tuple[str, ...] | None = None
    for scope in scopes:
        asked = (scope.types, scope.phases, scope.methodologies, scope.sizes, scope.statuses)
        fields = list(zip(Nature._fields, asked, project, strict=True))
        if any(wanted and value is not None and value not in wanted for _, wanted, value in fields):
            continue
        open_fields = tuple(name for name, wanted, value in fields if wanted and value is None)
        if not open_fields:
            return ()
        unknown = unknown or open_fields
    return unknown
