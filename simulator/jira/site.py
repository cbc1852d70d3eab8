"""The state of one simulated Jira site.

Every `dict` here is a document of Jira's own API in its fullest form, as REST v2 would show it to an administrator:
rich text as plain strings, users complete with e-mail and both identities. Handlers render from them what a flavour and
an account would really see (ADF on v3, no e-mail where hidden, truncated embedded lists).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulator.jira.outbox import Outbox

Document = dict[str, Any]


@dataclass
class Issue:
    """An issue and everything that hangs on it, each list complete and oldest first.

    `fields` holds neither `comment` nor `worklog`; those are rendered from the lists. `histories` are changelog
    histories (`id`, `author`, `created`, `items`). A deleted issue leaves the site; an archived or hidden one stays but
    no search finds it (a hidden one cannot be read by id either).
    """

    id: str
    key: str
    fields: Document
    histories: list[Document] = field(default_factory=list)
    worklogs: list[Document] = field(default_factory=list)
    comments: list[Document] = field(default_factory=list)
    archived: bool = False
    hidden: bool = False

    @property
    def project_id(self) -> str:
        """The id of its project; "" where a recorded issue names none."""
        return str((self.fields.get("project") or {}).get("id", ""))


@dataclass
class Site:
    """One Jira site.

    `flavour` is "cloud" or "datacenter". `time_zone` is the asking account's, in which JQL reads date texts. Users are
    keyed by accountId on Cloud and by `key` on Data Center. `sprints_by_board`, `versions`, `components` are keyed by
    board or project id. `board_configuration` by board id. `old_keys` maps former issue keys to issue ids.
    `deleted_worklogs` are (worklog id, instant in epoch ms).

    Instants stored with the offset +0000 are shown in the account's time zone; those with another offset were recorded
    as some account saw them and are passed through. `page_cap` is the most issues a search answers with (0: the
    flavour's own, 100 on Cloud and 1000 on Data Center); `window` makes Data Center refuse to page beyond that many.
    `denied` are permission keys the account lacks ("USER_PICKER" hides the list of users), `out_of_sight` the projects
    it may not see.
    `takes_milliseconds` tells whether JQL takes a bare number for an instant. `webhooks` are by id, with their secrets;
    `outbox` holds what they are about to be told. `deleted_issues` are kept for `restore_issue` alone.
    Whoever adds, removes, moves or re-keys issues while the site is served calls `touch` (`simulator.jira.edits` does).
    """

    flavour: str
    name: str = "simulated"
    time_zone: str = "UTC"
    me: str = ""
    context_path: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    users: dict[str, Document] = field(default_factory=dict)
    hidden_emails: set[str] = field(default_factory=set)
    groups: dict[str, list[str]] = field(default_factory=dict)
    categories: list[Document] = field(default_factory=list)
    projects: dict[str, Document] = field(default_factory=dict)
    fields: list[Document] = field(default_factory=list)
    statuses: list[Document] = field(default_factory=list)
    issue_types: list[Document] = field(default_factory=list)
    priorities: list[Document] = field(default_factory=list)
    resolutions: list[Document] = field(default_factory=list)
    link_types: list[Document] = field(default_factory=list)
    boards: dict[str, Document] = field(default_factory=dict)
    board_configuration: dict[str, Document] = field(default_factory=dict)
    sprints_by_board: dict[str, list[Document]] = field(default_factory=dict)
    versions: dict[str, list[Document]] = field(default_factory=dict)
    components: dict[str, list[Document]] = field(default_factory=dict)
    issues: dict[str, Issue] = field(default_factory=dict)
    old_keys: dict[str, str] = field(default_factory=dict)
    deleted_worklogs: list[tuple[str, int]] = field(default_factory=list)
    clock_offset_s: float = 0.0
    page_cap: int = 0
    window: int | None = None
    takes_milliseconds: bool = True
    webhooks: dict[str, Document] = field(default_factory=dict)
    outbox: Outbox = field(default_factory=Outbox)
    deleted_issues: dict[str, Issue] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    out_of_sight: dict[str, Document] = field(default_factory=dict)
    version: int = 0
    serial: int = 90_000_000

    def touch(self) -> None:
        """Tell the servers that issues came, went, moved or changed their keys."""
        self.version += 1

    def new_id(self) -> str:
        """An id for a new history, worklog, comment, link, sprint or version."""
        self.serial += 1
        return str(self.serial)

    def by_key(self, key: str) -> Issue | None:
        """The issue with this key, or that once had it."""
        ident = self.old_keys.get(key)
        if ident is None:
            ident = next((issue.id for issue in self.issues.values() if issue.key == key), None)
        return self.issues.get(ident) if ident else None


def jira_time(moment: datetime) -> str:
    """An instant the way Jira writes it: millisecond precision, offset without a colon."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}" + moment.strftime("%z")
