"""What of a portfolio is compared: what the oracle says should be there, and what is."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple


class ItemPortrait(NamedTuple):
    """An item as a PMO sees it, by the tracker's ids. `projects` are all it is shown in.

    `turns` is how many changes of status its history has, None for a number that cannot be told; `worked` its worklogs
    with their seconds; `parent` the item above it, as far as that is there itself.
    """

    title: str
    key: str
    project: str | None
    projects: frozenset[str]
    status: str
    category: str
    assignee: str | None
    due: date | None
    estimate_s: int | None
    parent: str | None
    turns: int | None
    worked: frozenset[tuple[str, int]]
    sprints: frozenset[str]


class Portrait(NamedTuple):
    """A portfolio: live records of one connection by the tracker's ids.

    `gone` are items that are out of the figures and kept in history, with the reason; in the oracle's portrait all
    reasons that can be given for each. `counted` are the items in the figures of each project today.
    """

    items: dict[str, ItemPortrait]
    gone: dict[str, Any]
    links: frozenset[tuple[str, str, str]]
    projects: dict[str, tuple[str, bool]]
    sprints: dict[str, tuple[str, str]]
    milestones: dict[str, tuple[str, date | None, date | None]]
    reports: dict[str, tuple[str, str]]
    people: dict[str, tuple[str, bool]]
    counted: dict[str, int]


def differences(expected: Portrait, kept: Portrait, unseen: frozenset[str]) -> list[str]:
    """What is not as the oracle says, a line each. Items in `unseen` the tracker itself does not find."""
    lines: list[str] = []
    for name in Portrait._fields:
        if name in ("gone", "counted"):
            continue
        wanted, found = getattr(expected, name), getattr(kept, name)
        if isinstance(wanted, frozenset):
            lines += [f"{name}: missing {one}" for one in sorted(wanted - found) if not unseen.intersection(one)]
            lines += [f"{name}: too many {one}" for one in sorted(found - wanted) if not unseen.intersection(one)]
            continue
        for ident in sorted({*wanted, *found} - unseen):
            if wanted.get(ident) != found.get(ident):
                lines += [f"{name} {ident}: {line}" for line in _unlike(wanted.get(ident), found.get(ident), unseen)]
    for ident, verdict in kept.gone.items():
        if ident not in unseen and verdict not in expected.gone.get(ident, ()):
            lines.append(f"gone {ident}: called {verdict}, should be one of {sorted(expected.gone.get(ident, ()))}")
    if not unseen and expected.counted != kept.counted:
        lines.append(f"counted: should be {expected.counted}, is {kept.counted}")
    return lines


def _unlike(wanted: Any, found: Any, unseen: frozenset[str]) -> list[str]:
    if wanted is None or found is None or not hasattr(wanted, "_fields"):
        return [f"should be {wanted}, is {found}"]
    return [
        f"{field} should be {before!r}, is {after!r}"
        for field, before, after in zip(wanted._fields, wanted, found, strict=True)
        if before != after
        and not (field == "turns" and before is None)
        and not (field == "parent" and (before in unseen or after in unseen))
    ]
