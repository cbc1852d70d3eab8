"""Which fields of an issue a request asks for: ids, `*all`, `*navigable`, `-id`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from simulator.jira.site import Site

_CONTAINERS = ("comment", "worklog")


@dataclass(frozen=True)
class Selection:
    """`names` are the fields to show, None for all of them less `without`. `ids_only` asks for nothing but ids."""

    names: frozenset[str] | None
    without: frozenset[str]
    ids_only: bool = False
    key_only: bool = False

    def shows(self, name: str) -> bool:
        return name not in self.without and (self.names is None or name in self.names)


def split(values: Iterable[str]) -> list[str]:
    """Names from repeated and comma-separated parameters alike."""
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


def select(site: Site, asked: Sequence[str], default: str) -> Selection:
    """Read a list of fields as Jira does; `default` stands for it where it names nothing to show."""
    wanted = [name for name in asked if not name.startswith("-")] or [default]
    without = frozenset(name[1:] for name in asked if name.startswith("-"))
    if "*all" in wanted:
        return Selection(None, without)
    names = set(wanted) - {"*navigable"}
    if "*navigable" in wanted:
        hidden = {field["id"] for field in site.fields if field.get("navigable") is False}
        return Selection(None, without | ((hidden | set(_CONTAINERS)) - names))
    return Selection(frozenset(names), without, ids_only=names <= {"id"}, key_only=names <= {"id", "key", "issuekey"})
