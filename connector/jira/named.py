"""Items asked for by id, and what became of those that are not where they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

import msgspec

from connector.boundary.pages import id_text, identity
from connector.errors import ForbiddenError, MissingError, RetryError, SkipError
from connector.jira.client import JiraClient
from connector.jira.items import FIELDS
from connector.jira.query import of_projects
from connector.jira.scope import FollowedProject, Scope, followed
from connector.jira.searching import matching
from connector.jira.whole_issues import with_histories
from connector.jira.words import shown
from connector.protocol import Absent, Named, Verdict
from connector.settings import Follow

BULK = 100
MOST_FAILURES = 3

GONE = "Jira no longer knows it, or hides it from this account"
_ARCHIVED = "Jira keeps it in its archive"
_NARROWED = "It is none of the items of its project that this connection follows"
_FORBIDDEN = "Jira does not let this account see it"
_UNMET = "Jira could not say whether it is followed: a rule of this connection means nothing any more"
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
    """One asking. `known` is what is followed as it was last read; it is read anew where that decides.

    Jira answers 404 for what is deleted and for what it hides. An answer is only taken for the former while the account
    sees any project: one that has lost its rights sees nothing, and that is no news of the items.
    """

    def __init__(self, client: JiraClient, rules: Sequence[Follow], known: Scope) -> None:
        self._client = client
        self._rules = rules
        self._known = {project.id: project for project in known.projects}
        self._filters = known.filters
        self._fresh: dict[str, FollowedProject] | None = None
        self._unmet = bool(known.unmet)

    def ask(self, ids: Sequence[str]) -> Named:
        """The items that are followed, and a verdict on each of the others."""
        wanted = list(dict.fromkeys(ids))
        here: dict[str, msgspec.Raw] = {}
        narrowed: dict[str, str] = {}
        absent: list[Absent] = []
        for ident, found in self._answers(wanted):
            if isinstance(found, Absent):
                absent.append(found)
                continue
            place = self._placed(ident, found)
            if isinstance(place, Absent):
                absent.append(place)
                continue
            here[ident] = found
            if place in self._filters:
                narrowed[ident] = place
        for one in self._left_out(narrowed):
            absent.append(one)
            del here[one.external_id]
        try:
            return Named(with_histories(self._client, list(here.values())), tuple(absent))
        except RetryError as problem:
            return Named((), (*absent, *(_unknown(ident, problem) for ident in here)))

    def _left_out(self, narrowed: Mapping[str, str]) -> list[Absent]:
        """Those of the items (id to project) that are not among what is followed of their projects.

        A query may ask for anything, so Jira is asked and not the item.
        """
        ids = [ident for ident in narrowed if ident.isdecimal()]
        if not ids:
            return []
        try:
            found = matching(self._client, ids, of_projects(sorted(set(narrowed.values())), self._filters))
        except (RetryError, SkipError) as problem:
            return [_unknown(ident, problem) for ident in ids]
        verdict, why = (Verdict.UNKNOWN, _UNMET) if self._unmet else (Verdict.MOVED, _NARROWED)
        return [Absent(ident, verdict, why) for ident in ids if ident not in found]

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

    def _placed(self, ident: str, raw: msgspec.Raw) -> str | Absent:
        """The followed project the issue is in; what became of any other.

        One that does not tell where it is, "", has not gone elsewhere: it is for the reader to judge.
        """
        try:
            fields = msgspec.json.decode(raw, type=_Placed).fields or _Fields()
        except msgspec.DecodeError:
            return ""
        if fields.archiveddate or fields.archivedDate:
            return Absent(ident, Verdict.ARCHIVED, _ARCHIVED)
        where = fields.project or _Project()
        home = id_text(where.id)
        if not home:
            return ""
        try:
            project = self._known.get(home) or self._projects().get(home)
        except (RetryError, SkipError) as problem:
            return _unknown(ident, problem)
        if project is None and self._unmet:
            return Absent(ident, Verdict.UNKNOWN, _UNMET)
        if project is None:
            name = shown(where.key or "") or home
            return Absent(ident, Verdict.MOVED, f"It is in project {name}, which this connection does not follow")
        if project.archived:
            return Absent(ident, Verdict.ARCHIVED, f"Its project {project.key} is archived")
        return home

    def _projects(self) -> dict[str, FollowedProject]:
        """The projects followed, as they are now."""
        if self._fresh is None:
            now = followed(self._client, self._rules)
            self._fresh = {project.id: project for project in now.projects}
            self._filters = {**now.filters, **self._filters}
            self._unmet = bool(now.unmet)
        return self._fresh


def _unknown(ident: str, problem: RetryError | SkipError) -> Absent:
    return Absent(ident, Verdict.UNKNOWN, f"Jira could not say: {problem.what}")
