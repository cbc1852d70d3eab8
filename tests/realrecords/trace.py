"""One set of recorded payloads from the server to the portfolio, with the counts of each step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import zstandard
from sqlalchemy import Connection, Engine, func, select

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import Quarantine, RawRecord
from portfolio.model.people import Allocation, PersonIdentity, Team
from portfolio.model.structure import Objective, ProjectRef, StatusUpdate
from portfolio.model.work import Milestone, Sprint, WorkItem, Worklog
from portfolio.store.engine import reading
from simulator.asana.workspace import Workspace
from simulator.records.load import load_records, summarise
from simulator.serve import Simulator
from sync.connections import add_connection
from sync.run.pipeline import sync_connection
from sync.run.runs import RunSummary
from tests.loopback import LOOPBACK

# The simulator's word for a kind of document, the product's word for its stream, and where it ends up.
STREAMS: tuple[tuple[str, str, Any], ...] = (
    ("issues", "items", WorkItem),
    ("tasks", "items", WorkItem),
    ("projects", "projects", ProjectRef),
    ("users", "people", PersonIdentity),
    ("worklogs", "worklogs", Worklog),
    ("time_tracking_entries", "worklogs", Worklog),
    ("sprints", "sprints", Sprint),
    ("versions", "milestones", Milestone),
    ("teams", "teams", Team),
    ("status_updates", "status_updates", StatusUpdate),
    ("goals", "goals", Objective),
    ("allocations", "allocations", Allocation),
    ("changes", "histories", None),
    ("stories", "histories", None),
)


@dataclass(frozen=True)
class Line:
    """One stream of one set. `mapped` is None where records are kept to be read, not turned into rows."""

    stream: str
    served: int
    landed: int
    mapped: int | None
    quarantined: int


@dataclass(frozen=True)
class Trace:
    """What became of one set. `reasons` counts the reasons in quarantine; `left_out` what the recordings hold that no
    tracker would list: parts of other sites, tasks that are in no project, histories of issues nobody recorded."""

    tracker: str
    summary: RunSummary
    lines: tuple[Line, ...]
    reasons: Counter[str]
    left_out: dict[str, int]


class _History(msgspec.Struct):
    histories: list[msgspec.Raw] = []


class _Issue(msgspec.Struct):
    changelog: _History | None = None


def trace(folder: Path, engine: Engine) -> Trace:
    """Serve the folder, sync it whole into an empty store, and count."""
    state = load_records(folder)
    served, left_out = summarise(state), dict(state.left_out)
    if isinstance(state, Workspace):
        served["tasks"] = len(_listed(state))
    if isinstance(state, Workspace):
        simulator, name, tracker, sign_in = Simulator(asana=state), "asana", "asana", SignIn.PERSONAL_TOKEN
    elif state.flavour == "cloud":
        simulator, name, tracker, sign_in = Simulator(jira_cloud=state), "jira_cloud", "jira", SignIn.CLOUD_TOKEN
    else:
        name, tracker, sign_in = "jira_datacenter", "jira", SignIn.PERSONAL_TOKEN
        simulator = Simulator(jira_datacenter=state)
    with simulator:
        settings = ConnectionSettings(
            tracker=tracker, address=simulator.addresses[name], sign_in=sign_in, account="reader@example.invalid"
        )
        ident = add_connection(engine, folder.name, settings, "env:UNUSED", datetime.now(UTC), COMMAND)
        connector = open_connector(settings, Secret("simulated-token"), outbound=LOOPBACK)
        try:
            summary = sync_connection(engine, ident, connector, clock=lambda: datetime.now(UTC))
        finally:
            connector.close()
    with reading(engine) as store:
        lines = tuple(_line(store, served[word], stream, model) for word, stream, model in STREAMS if served.get(word))
        reasons = Counter(store.scalars(select(Quarantine.reason)))
    return Trace(name, summary, lines, reasons, left_out)


def _listed(state: Workspace) -> set[str]:
    """The tasks a project lists, and all below them."""
    waiting = [task for tasks in state.project_tasks.values() for task in tasks]
    found: set[str] = set()
    while waiting:
        task = waiting.pop()
        if task not in found:
            found.add(task)
            waiting += state.subtasks.get(task, [])
    return found


def _line(store: Connection, served: int, stream: str, model: Any) -> Line:
    if stream == "histories":
        return Line(stream, served, _histories(store), None, 0)
    landed = store.scalar(select(func.count()).select_from(RawRecord).where(RawRecord.stream == stream)) or 0
    held = store.scalar(select(func.count()).select_from(Quarantine).where(Quarantine.stream == stream)) or 0
    mapped = select(func.count()).select_from(model)
    if model is PersonIdentity:
        mapped = mapped.where(PersonIdentity.listed)
    if model is Milestone:
        mapped = mapped.where(Milestone.item_id.is_(None))
    return Line(stream, served, landed, store.scalar(mapped) or 0, held)


def _histories(store: Connection) -> int:
    """Histories kept: those completed by a record of their own, else those inside the item."""
    expand = zstandard.ZstdDecompressor().decompress
    payloads = store.execute(
        select(RawRecord.stream, RawRecord.external_id, RawRecord.payload).where(
            RawRecord.stream.in_(("items", "changes"))
        )
    )
    counts: dict[str, int] = {}
    for stream, ident, payload in sorted(payloads, key=lambda row: row.stream == "changes"):
        body = expand(bytes(payload))
        if stream == "changes":
            counts[ident] = len(msgspec.json.decode(body, type=list[msgspec.Raw]))
        else:
            changelog = msgspec.json.decode(body, type=_Issue).changelog
            counts[ident] = len(changelog.histories) if changelog else 0
    return sum(counts.values())
