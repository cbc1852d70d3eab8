"""A Jira site out of sightings: the newest version of each document, in its place. Nothing is repaired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from simulator.jira.site import Issue
from simulator.records.jira_derive import derive
from simulator.records.jira_kinds import is_user, kind_of, user_key
from simulator.records.jira_owners import board_of, issue_of, project_of
from simulator.records.newest import Newest, moment
from simulator.records.recorded import RecordedSite
from simulator.records.sighting import Document, Sighting

_LISTED = ("categories", "fields", "statuses", "issue_types", "priorities", "resolutions", "link_types")
_ATTACHED = ("histories", "worklogs", "comments")


class JiraGatherer:
    """Takes sightings, gives the site. Documents of one id are versions of one document."""

    def __init__(self) -> None:
        self._found: dict[str, Newest] = {}
        self._attached: dict[str, dict[str, Newest]] = {kind: {} for kind in _ATTACHED}
        self._me: Document | None = None
        self._left_out: Counter[str] = Counter()

    def add(self, sighting: Sighting) -> None:
        document = sighting.document
        kind = kind_of(document)
        if kind is None:
            self._left_out["documents of kinds that are not served (votes, filters, transitions ...)"] += 1
            return
        if kind == "issues":
            self._add_issue(sighting)
        elif kind in _ATTACHED:
            self._attach(kind, issue_of(sighting), sighting)
        else:
            if sighting.stream == "me" and kind == "users":
                self._me = document
            self._keep(kind, sighting)

    def site(self) -> RecordedSite:
        """The site. Its time zone is UTC, in which the simulator sends instants out as they were recorded."""
        site = RecordedSite(flavour=self._flavour(), name="recorded", left_out=dict(self._left_out))
        for ident, document in self._newest("issues").items():
            site.issues[ident] = Issue(ident, str(document["key"]), _own_fields(document))
        self._hang_on(site)
        self._put_catalogues(site)
        self._put_people(site)
        self._put_owned(site)
        derive(site, self._me)
        for kind, held in (("versions", site.versions), ("components", site.components)):
            for project in held.keys() - site.projects.keys():
                self._note(site, f"{kind} of projects that were not recorded", len(held.pop(project)))
        return site

    def _put_catalogues(self, site: RecordedSite) -> None:
        for kind in _LISTED:
            setattr(site, kind, list(self._newest(kind).values()))
        site.boards = self._newest("boards")
        site.board_configuration = self._newest("board_configurations")
        site.projects = self._newest("projects")
        identified = {project.get("key") for project in site.projects.values() if "id" in project}
        for ident, project in list(site.projects.items()):
            if "id" not in project and project.get("key") in identified:
                del site.projects[ident]
                self._note(site, "further recordings of a project")

    def _put_people(self, site: RecordedSite) -> None:
        for user in self._newest("users").values():
            key = user_key(user, site.flavour)
            if key is None:
                self._note(site, "users without an account id, on a site that has them")
            else:
                site.users.setdefault(key, user)

    def _put_owned(self, site: RecordedSite) -> None:
        """Versions and components into their projects, sprints onto their boards."""
        for kind, held in (("versions", site.versions), ("components", site.components)):
            for sighting in self._kept(kind):
                owner = project_of(sighting)
                if owner is None:
                    self._note(site, f"{kind} of no known project")
                else:
                    held.setdefault(_project_id(site, owner), []).append(sighting.document)
        for sighting in self._kept("sprints"):
            board = board_of(sighting)
            if board is None:
                self._note(site, "sprints of no known board")
            else:
                site.sprints_by_board.setdefault(board, []).append(sighting.document)

    def _add_issue(self, sighting: Sighting) -> None:
        document = sighting.document
        fields = document.get("fields")
        if not document.get("id"):
            self._left_out["issues in the form of Jira 4, without an id"] += 1
        elif not isinstance(fields, dict) or not isinstance(fields.get("project"), dict):
            self._left_out["parts of issues, without fields or project"] += 1
        else:
            ident = str(document["id"])
            before = self._found["issues"].kept.get(ident) if "issues" in self._found else None
            if before is not None and not _same_issue(before.document, document):
                self._left_out["issues of another site, with an id already taken"] += 1
                return
            if before is not None:
                self._left_out["further recordings of an issue"] += 1
            self._keep("issues", sighting)
            for kind, inside in _embedded(document):
                for entry in inside:
                    self._attach(kind, ident, Sighting(entry, seen=sighting.seen))

    def _attach(self, kind: str, issue: str | None, sighting: Sighting) -> None:
        ident = sighting.document.get("id")
        if issue is None or ident is None:
            self._left_out[f"{kind} of no known issue"] += 1
        else:
            self._attached[kind].setdefault(issue, Newest()).add(str(ident), sighting)

    def _hang_on(self, site: RecordedSite) -> None:
        """Put histories, worklogs and comments on their issues, oldest first."""
        by_key = {issue.key: issue.id for issue in site.issues.values()}
        for kind, by_issue in self._attached.items():
            for named, entries in by_issue.items():
                issue = site.issues.get(by_key.get(named, named))
                if issue is None:
                    self._note(site, f"{kind} of issues that were not recorded", len(entries.kept))
                    continue
                held: list[Document] = getattr(issue, kind)
                held += sorted(
                    entries.documents().values(), key=lambda entry: (moment(entry.get("created")), str(entry["id"]))
                )

    def _keep(self, kind: str, sighting: Sighting) -> None:
        document = sighting.document
        ident = document.get("id") or document.get("key") or document.get("accountId") or document.get("name")
        if kind == "users":
            ident = document.get("accountId") or document.get("key") or document.get("name")
        if ident:
            self._found.setdefault(kind, Newest()).add(str(ident), sighting)
        else:
            self._left_out[f"{kind} without any identity"] += 1

    def _newest(self, kind: str) -> dict[str, Document]:
        return self._found[kind].documents() if kind in self._found else {}

    def _kept(self, kind: str) -> Iterable[Sighting]:
        return self._found[kind].kept.values() if kind in self._found else ()

    def _flavour(self) -> str:
        """Cloud, when more people have an account id than have not."""
        people = [*self._newest("users").values()]
        for document in self._newest("issues").values():
            people += [user for user in document["fields"].values() if is_user(user)]
        for by_issue in self._attached.values():
            for entries in by_issue.values():
                authors = (entry.get("author") for entry in entries.documents().values())
                people += [author for author in authors if isinstance(author, dict) and is_user(author)]
        cloud = sum(1 for user in people if user.get("accountId"))
        if people:
            return "cloud" if cloud * 2 > len(people) else "datacenter"
        anywhere = (str(s.document.get("self")) for kept in self._found.values() for s in kept.kept.values())
        hosted = any("atlassian.net/" in address or "api.atlassian.com/" in address for address in anywhere)
        return "cloud" if hosted else "datacenter"

    @staticmethod
    def _note(site: RecordedSite, reason: str, count: int = 1) -> None:
        site.left_out[reason] = site.left_out.get(reason, 0) + count


def _same_issue(first: Document, second: Document) -> bool:
    """An issue that moved has another key but was still created at the same instant."""
    if first["key"] == second["key"]:
        return True
    created = moment(first["fields"].get("created"))
    return "created" in first["fields"] and created == moment(second["fields"].get("created"))


def _own_fields(document: Document) -> Document:
    """The issue's fields but for the two lists the site keeps apart."""
    return {name: value for name, value in document["fields"].items() if name not in {"comment", "worklog"}}


def _embedded(document: Document) -> Iterable[tuple[str, list[Document]]]:
    fields = document["fields"]
    for kind, holder, key in (
        ("histories", document.get("changelog"), "histories"),
        ("worklogs", fields.get("worklog"), "worklogs"),
        ("comments", fields.get("comment"), "comments"),
    ):
        inside = holder.get(key) if isinstance(holder, dict) else holder
        if isinstance(inside, list):
            yield kind, [entry for entry in inside if isinstance(entry, dict)]


def _project_id(site: RecordedSite, named: str) -> str:
    return next((ident for ident, project in site.projects.items() if project.get("key") == named), named)
