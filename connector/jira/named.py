"""Items asked for by id, and what became of those that are not where they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

import msgspec

from connector.boundary.pages import id_text, identity
from connector.errors import ForbiddenError, MissingError, RetryError, SkipError
from connector.jira.client import JiraClient
from connector.jira.items import FIELDS
from connector.jira.scope import FollowedProject, followed_projects
from connector.jira.whole_issues import with_histories
from connector.jira.words import shown
from connector.protocol import Absent, Named, Verdict

BULK = 100
MOST_FAILURES = 3

GONE = "Jira no longer knows it, or hides it from this account"
_ARCHIVED = "Jira keeps it in its archive"
_FORBIDDEN = "Jira does not let this account see it"
_BLIND = "Jira shows this account no project at all, so that nothing follows from not seeing the item"


class _Bulk(msgspec.Struct):
    issues: list[msgspec.Raw]


class _Project(msgspec.Struct):
    id: str | int | None = None
    key: str | None = None


class _Fields(msgspec.Struct):
    project: _Project | None = None
    archiveddate: str | None = None
    archivedDate: str | None = None


class _Placed(msgspec.Struct):
    fields: _Fields | None = None


class NamedItems:
    """One asking. `known` are the projects followed as they were last read; they are read anew where that decides.

    Jira answers 404 for what is deleted and for what it hides. An answer is only taken for the former while the account
    sees any project: one that has lost its rights sees nothing, and that is no news of the items.
    """

    def __init__(self, client: JiraClient, scope: Sequence[str], known: Sequence[FollowedProject]) -> None:
        self._client = client
        self._scope = scope
        self._known = {project.id: project for project in known}
        self._fresh: dict[str, FollowedProject] | None = None

    def ask(self, ids: Sequence[str]) -> Named:
        """The items that are in a followed project, and a verdict on each of the others."""
        wanted = list(dict.fromkeys(ids))
        here: list[msgspec.Raw] = []
        absent: list[Absent] = []
        for ident, found in self._answers(wanted):
            outcome = found if isinstance(found, Absent) else self._placed(ident, found)
            if isinstance(outcome, Absent):
                absent.append(outcome)
            else:
                here.append(outcome)
        try:
            return Named(with_histories(self._client, here), tuple(absent))
        except RetryError as problem:
            lost = (_unknown(identity(raw), problem) for raw in here)
            return Named((), (*absent, *lost))

    def _answers(self, wanted: Sequence[str]) -> Iterator[tuple[str, msgspec.Raw | Absent]]:
        """Each id with the issue as Jira shows it, or why it does not."""
        many = self._many(wanted) if self._client.server().cloud else {}
        failures = 0
        problem: RetryError | None = None
        for ident in wanted:
            if ident in many:
                yield ident, many[ident]
                continue
            if problem is not None and failures >= MOST_FAILURES:
                yield ident, _unknown(ident, problem)
                continue
            try:
                yield ident, self._one(ident)
                failures = 0
            except RetryError as raised:
                problem, failures = raised, failures + 1
                yield ident, _unknown(ident, raised)

    def _many(self, wanted: Sequence[str]) -> dict[str, msgspec.Raw]:
        """Those that Cloud gives many at a time. The others are asked for one by one, since it does not say why."""
        found: dict[str, msgspec.Raw] = {}
        for first in range(0, len(wanted), BULK):
            some = wanted[first : first + BULK]
            question = {"issueIdsOrKeys": some, "fields": FIELDS, "expand": ["changelog"]}
            try:
                bulk = self._client.search("issue/bulkfetch", _Bulk, question)
            except (SkipError, RetryError):
                break
            found |= {identity(raw): raw for raw in bulk.issues}
        return found

    def _one(self, ident: str) -> msgspec.Raw | Absent:
        params = {"fields": ",".join(FIELDS), "expand": "changelog"}
        try:
            raw = self._client.get(f"issue/{quote(ident, safe='')}", msgspec.Raw, params)
        except MissingError:
            return self._missing(ident)
        except ForbiddenError:
            return Absent(ident, Verdict.ACCESS_LOST, _FORBIDDEN)
        except SkipError as problem:
            return _unknown(ident, problem)
        return raw if identity(raw) == ident else Absent(ident, Verdict.UNKNOWN, "Jira answered with another item")

    def _missing(self, ident: str) -> Absent:
        try:
            seeing = self._projects()
        except SkipError as problem:
            return _unknown(ident, problem)
        return Absent(ident, Verdict.DELETED, GONE) if seeing else Absent(ident, Verdict.UNKNOWN, _BLIND)

    def _placed(self, ident: str, raw: msgspec.Raw) -> msgspec.Raw | Absent:
        """The issue itself if it is in a followed project; what became of any other.

        One that does not tell where it is has not gone elsewhere: it is for the reader to judge.
        """
        try:
            fields = msgspec.json.decode(raw, type=_Placed).fields or _Fields()
        except msgspec.DecodeError:
            return raw
        if fields.archiveddate or fields.archivedDate:
            return Absent(ident, Verdict.ARCHIVED, _ARCHIVED)
        where = fields.project or _Project()
        home = id_text(where.id)
        if not home:
            return raw
        try:
            project = self._known.get(home) or self._projects().get(home)
        except (RetryError, SkipError) as problem:
            return _unknown(ident, problem)
        if project is None:
            name = shown(where.key or "") or home
            return Absent(ident, Verdict.MOVED, f"It is in project {name}, which this connection does not follow")
        if project.archived:
            return Absent(ident, Verdict.ARCHIVED, f"Its project {project.key} is archived")
        return raw

    def _projects(self) -> dict[str, FollowedProject]:
        """The projects followed, as they are now."""
        if self._fresh is None:
            self._fresh = {project.id: project for project in followed_projects(self._client, self._scope)[0]}
        return self._fresh


def _unknown(ident: str, problem: RetryError | SkipError) -> Absent:
    return Absent(ident, Verdict.UNKNOWN, f"Jira could not say: {problem.what}")
