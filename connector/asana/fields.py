"""The custom fields of a workspace and of its projects: Asana's one stream that is two lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor

import msgspec

from connector.asana import asking
from connector.asana.groupings import Batch
from connector.asana.session import Session, decoded
from connector.boundary.pages import identity, raw_records
from connector.errors import ForbiddenError, MissingError
from connector.protocol import Stream

PROJECTS_AT_ONCE = 50
FROM_PROJECT = "project:"

_NULL = msgspec.Raw(b"null")


class _Setting(msgspec.Struct):
    custom_field: msgspec.Raw = _NULL


class Fields:
    """Reads the slices (workspaces) of FIELDS; positions are Asana's offsets, then projects."""

    def __init__(self, session: Session, pool: Executor) -> None:
        self._session = session
        self._pool = pool

    def pages(self, workspace: str, projects: Sequence[str], position: str | None) -> Iterator[Batch]:
        """The workspace's fields, then those that only its projects have, each once.

        A project that refuses its fields is passed over here; its own slices report it.
        """
        batches = [projects[start : start + PROJECTS_AT_ONCE] for start in range(0, len(projects), PROJECTS_AT_ONCE)]
        marks = [f"{FROM_PROJECT}{batch[0]}" for batch in batches]
        seen: set[str] = set()
        if position not in marks:
            path = f"/workspaces/{workspace}/custom_fields"
            for page in self._session.pages(path, {}, asking.CUSTOM_FIELD, position):
                records = raw_records(Stream.FIELDS, page.slices, key="gid")
                seen.update(record.external_id for record in records)
                yield records, page.offset or next(iter(marks), None)
            position = next(iter(marks), None)
        for number in range(marks.index(position) if position in marks else len(marks), len(marks)):
            found = [raw for fields in self._pool.map(self._of_project, batches[number]) for raw in fields]
            fresh = [raw for raw in found if not _known(identity(raw, key="gid"), seen)]
            yield raw_records(Stream.FIELDS, fresh, key="gid"), next(iter(marks[number + 1 :]), None)

    def _of_project(self, project: str) -> list[msgspec.Raw]:
        path = f"/projects/{project}/custom_field_settings"
        try:
            slices = self._session.all(path, {}, asking.FIELD_SETTING)
        except (ForbiddenError, MissingError):
            return []
        settings = (decoded(raw, _Setting, path) for raw in slices)
        return [setting.custom_field for setting in settings if bytes(setting.custom_field) != b"null"]


def _known(gid: str, seen: set[str]) -> bool:
    """Whether the gid was met before; it is from now on."""
    known = gid in seen
    seen.add(gid)
    return known
