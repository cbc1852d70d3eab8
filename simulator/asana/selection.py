"""What of a document goes out: the fields `opt_fields` names, or the compact or full form.

Nothing is copied deeply; an answer shares its leaves with the state and must be encoded under the workspace's lock.
What is not asked for is absent; only `gid` always comes (a `resource_type` must be named, as in recorded answers).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from simulator.asana.forms import COMPACT, EMPTY_UNLESS_ASKED, GIDS_ONLY, OPT_IN
from simulator.asana.workspace import Document, Workspace

Fields = dict[str, "Fields"]
"""The names asked for, each with the names below it; an empty one means the thing itself."""

_ABSENT: Any = object()


@lru_cache(maxsize=512)
def compile_fields(text: str) -> Fields:
    """`"name,assignee.name"` as a tree. Blanks are ignored; `this.` prefixes mean the document itself."""
    tree: Fields = {}
    for path in text.split(","):
        level = tree
        for part in path.strip().split("."):
            if part and part != "this":
                level = level.setdefault(part, {})
    return tree


class Selection:
    """Renders documents of one workspace, looking up what an embedded reference does not carry itself."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._held: dict[str, dict[str, Document]] = {
            "user": workspace.users,
            "task": workspace.tasks,
            "project": workspace.projects,
            "team": workspace.teams,
            "tag": workspace.tags,
            "portfolio": workspace.portfolios,
            "goal": workspace.goals,
            "custom_field": workspace.custom_fields,
        }
        self._listed: dict[str, dict[str, list[Document]]] = {
            "section": workspace.sections,
            "status_update": workspace.status_updates,
        }

    def pick(self, document: Document, fields: Fields) -> Document:
        """Only what `fields` names, and the gid."""
        out: Document = {}
        gid = document.get("gid")
        if gid is not None:
            out["gid"] = gid
        for key, below in fields.items():
            value = document.get(key, _ABSENT)
            if value is _ABSENT:
                value = self._elsewhere(document, key)
                if value is _ABSENT:
                    continue
            if type(value) is dict:
                out[key] = self.pick(value, below) if below else self._nested(key, value)
            elif type(value) is list:
                out[key] = [
                    (self.pick(entry, below) if below else self._nested(key, entry)) if type(entry) is dict else entry
                    for entry in value
                ]
            else:
                out[key] = value
        return out

    def compact(self, document: Document, kind: str | None = None) -> Document:
        """The short form of the document's kind."""
        names = COMPACT.get(kind or document.get("resource_type", ""))
        if names is None:
            return document
        out: Document = {}
        for name in names:
            value = document.get(name, _ABSENT)
            if value is _ABSENT:
                value = self._elsewhere(document, name)
                if value is _ABSENT:
                    continue
            out[name] = self._nested(name, value) if type(value) is dict else value
        return out

    def full(self, document: Document, kind: str) -> Document:
        """Everything but what must be opted into; what is nested comes compact."""
        left_out = OPT_IN.get(kind, frozenset())
        out: Document = {}
        for key, value in document.items():
            if key in left_out:
                continue
            if type(value) is dict:
                out[key] = self._nested(key, value)
            elif type(value) is list:
                out[key] = [self._nested(key, entry) if type(entry) is dict else entry for entry in value]
            else:
                out[key] = value
        return out

    def _nested(self, key: str, value: Document) -> Document:
        if key in EMPTY_UNLESS_ASKED:
            return {}
        if key in GIDS_ONLY:
            return {name: value[name] for name in ("gid", "resource_type") if name in value}
        return self.compact(value)

    def _elsewhere(self, document: Document, key: str) -> Any:
        """A field the (embedded) document lacks, from the resource it stands for."""
        kind, gid = document.get("resource_type", ""), document.get("gid", "")
        whole: Document | None = None
        if kind in self._held:
            whole = self._held[kind].get(gid)
        elif kind in self._listed:
            entries = (entry for listed in self._listed[kind].values() for entry in listed)
            whole = next((entry for entry in entries if entry.get("gid") == gid), None)
        found = _ABSENT if whole is None or whole is document else whole.get(key, _ABSENT)
        if found is _ABSENT and kind == "task" and key == "num_subtasks":
            return len(self._workspace.subtasks.get(gid, ()))
        return found
