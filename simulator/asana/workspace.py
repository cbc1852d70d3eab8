"""The state of one simulated Asana organisation.

Every `dict` is a document of Asana's API in its fullest form (every `opt_fields` asked for). Handlers render from them
the compact form or just what `opt_fields` names: what is not asked for is absent, not null.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from simulator.asana.hooks import Hook

Document = dict[str, Any]


@dataclass
class Event:
    """One entry of the event stream: a compact event document, and the resources whose streams it belongs to."""

    sequence: int
    at: datetime
    resources: frozenset[str]
    document: Document


@dataclass
class Workspace:
    """One Asana organisation.

    Documents are keyed by gid. `subtasks` and `stories` are ordered gid or document lists by parent task; a task's
    place in projects is in its own `memberships`. `custom_field_settings` by project, `status_updates` by parent gid,
    `portfolio_items` by portfolio gid (project or portfolio gids), `goal_relationships` by goal gid.
    `features` are the plan's features ("portfolios", "goals", "time_tracking", "allocations", "custom_fields",
    "search", "budgets"); a route of an absent one answers 402. `inaccessible` gids answer 403.

    `other_workspaces` are further workspaces the account sees (documents by gid); a document belongs to one of them
    when its own `workspace` (a team's `organization`) says so. `service_account` lifts the "only your own" rule of
    portfolios. Without `events_allowed` the account is refused all events. Raising `paging_epoch` expires every
    offset handed out before. `webhooks` are by gid; the next `lost_deliveries` to them are lost. `next_gid` numbers
    what edits create.
    """

    gid: str
    name: str = "simulated"
    me: str = ""
    is_organization: bool = True
    features: set[str] = field(default_factory=set)
    lock: threading.RLock = field(default_factory=threading.RLock)
    users: dict[str, Document] = field(default_factory=dict)
    teams: dict[str, Document] = field(default_factory=dict)
    team_members: dict[str, list[str]] = field(default_factory=dict)
    projects: dict[str, Document] = field(default_factory=dict)
    sections: dict[str, list[Document]] = field(default_factory=dict)
    tasks: dict[str, Document] = field(default_factory=dict)
    project_tasks: dict[str, list[str]] = field(default_factory=dict)
    subtasks: dict[str, list[str]] = field(default_factory=dict)
    stories: dict[str, list[Document]] = field(default_factory=dict)
    tags: dict[str, Document] = field(default_factory=dict)
    custom_fields: dict[str, Document] = field(default_factory=dict)
    custom_field_settings: dict[str, list[Document]] = field(default_factory=dict)
    status_updates: dict[str, list[Document]] = field(default_factory=dict)
    portfolios: dict[str, Document] = field(default_factory=dict)
    portfolio_items: dict[str, list[str]] = field(default_factory=dict)
    goals: dict[str, Document] = field(default_factory=dict)
    goal_relationships: dict[str, list[Document]] = field(default_factory=dict)
    time_entries: dict[str, Document] = field(default_factory=dict)
    allocations: dict[str, Document] = field(default_factory=dict)
    out_of_office: dict[str, Document] = field(default_factory=dict)
    inaccessible: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    events_kept_from: int = 0
    events_allowed: bool = True
    other_workspaces: dict[str, Document] = field(default_factory=dict)
    service_account: bool = False
    paging_epoch: int = 0
    webhooks: dict[str, Hook] = field(default_factory=dict)
    lost_deliveries: int = 0
    next_gid: int = 9_100_000_000_000_001


def asana_time(moment: datetime) -> str:
    """An instant the way Asana writes it: UTC, milliseconds, Z."""
    moment = moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
