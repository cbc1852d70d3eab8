"""The made-up company in which every name, title and address is hostile, served on real HTTP and synced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import cycle
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from sqlalchemy import Engine

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.people import Calendar, Holiday
from portfolio.store.engine import writing
from simulator.asana.app import make_app as make_asana
from simulator.asana.workspace import Workspace
from simulator.company.build import build_company
from simulator.faults import Fault, Faults, FaultyApp
from simulator.jira.app import make_app as make_jira
from simulator.jira.site import Site
from simulator.wire import WireServer, call
from sync.connections import add_connection
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from sync.run.runs import RunSummary
from tests.hostile.texts import ADDRESSES, FORMULAS, HALF, LINKS, LONG, MARKS, MARKUP, TEXTS
from tests.loopback import LOOPBACK
from tests.webapp.builders import Rows

TOKEN = Secret("simulated-token")
NAMES = frozenset(
    {
        *("displayName", "name", "untranslatedName", "summary", "title", "text", "html_text", "notes", "goal"),
        *("description", "outward", "inward", "toString", "fromString", "display_value", "text_value"),
    }
)
ADDRESSED = frozenset(("permalink_url", "url", "self", "iconUrl"))
KEPT = frozenset(("statusCategory", "schema", "avatarUrls", "properties"))
"""What trackers name in words of their own, which nobody writes."""


class Spoiler:
    """Replaces texts, the same one always by the same: what refers to a thing by its name still finds it."""

    def __init__(self) -> None:
        self._texts, self._links = cycle(TEXTS), cycle(LINKS)
        self._known: dict[tuple[bool, str], str] = {}
        self._made: set[str] = set()

    def text(self, was: str) -> str:
        return self._spoiled(was, self._texts, link=False)

    def link(self, was: str) -> str:
        return self._spoiled(was, self._links, link=True)

    def document(self, found: object) -> None:
        """Spoil whatever people write in a document of a tracker, in place."""
        if isinstance(found, MutableMapping):
            for key, value in found.items():
                if key in KEPT:
                    continue
                if isinstance(value, str) and value:
                    if key in NAMES:
                        found[key] = self.text(value)
                    elif key in ADDRESSED:
                        found[key] = self.link(value)
                    elif key == "labels":
                        found[key] = [self.text(each) for each in value]
                else:
                    self.document(value)
        elif isinstance(found, list):
            for each in found:
                self.document(each)

    def _spoiled(self, was: str, source: Iterator[str], *, link: bool) -> str:
        if was in self._made:
            return was
        if (link, was) not in self._known:
            text = next(source)
            self._known[link, was] = text
            self._made.add(text)
        return self._known[link, was]


def spoil_jira(site: Site) -> None:
    """Make everything that people write on a Jira hostile, and two keys: of those only a false Jira could send."""
    spoiler = Spoiler()
    for user in site.users.values():
        user["displayName"] = spoiler.text(user["displayName"])
    issues = list(site.issues.values())
    issues[8].key += MARKUP["out of an attribute"]
    issues[9].key += "/../../?" + MARKUP["out of single quotes"]
    for number, (issue, text) in enumerate(zip(issues, cycle(TEXTS))):
        issue.fields["summary"] = text if number else LONG
        issue.fields["labels"] = [TEXTS[number % len(TEXTS)], TEXTS[-number % len(TEXTS)]]
        for held in (issue.fields, issue.histories, issue.worklogs, issue.comments):
            spoiler.document(held)
    kinds: Sequence[object] = (
        *(site.projects, site.fields, site.statuses, site.issue_types, site.priorities, site.resolutions),
        *(site.link_types, site.boards, site.sprints_by_board, site.versions, site.components, site.categories),
    )
    for kind in kinds:
        for document in kind.values() if isinstance(kind, dict) else kind:
            spoiler.document(document)
    site.touch()


def spoil_asana(workspace: Workspace) -> None:
    """Make everything that people write in an Asana hostile, and the addresses it gives."""
    spoiler = Spoiler()
    for number, (task, text) in enumerate(zip(workspace.tasks.values(), cycle(TEXTS))):
        task["name"] = text if number else LONG
    for name in ("users", "teams", "tags", "custom_fields", "portfolios", "goals", "projects", "tasks"):
        for document in getattr(workspace, name).values():
            spoiler.document(document)
    for name in ("sections", "stories", "custom_field_settings", "status_updates"):
        for documents in getattr(workspace, name).values():
            spoiler.document(documents)


class Halving:
    """A tracker whose texts were cut in the middle of a character, as databases that count in UTF-16 do it."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = call(self._app, environ)
        body = body.replace(HALF.encode(), b"\\ud83d")
        kept = [pair for pair in headers if pair[0].lower() != "content-length"]
        start_response(status, [*kept, ("Content-Length", str(len(body)))])
        return [body]


REFUSAL = Fault(
    path=r"/(worklog/list|versions?\b|time_tracking_entries|status_updates)",
    status=403,
    body=f'{{"errorMessages": ["{HALF}<script>"]}}',
)
NAMED = (MARKUP["image"], MARKS["bidi override"], "W" * 200)
LOST = Fault(status=401, body=f'{{"errorMessages": ["<img src=x onerror=hacked()>{HALF}"]}}')


@contextmanager
def served(app: WSGIApplication, path: str, *faults: Fault) -> Iterator[tuple[str, Faults]]:
    """The address of a tracker on real HTTP."""
    troubles = Faults()
    troubles.add(*faults)
    server = WireServer(Halving(FaultyApp(app, troubles)))
    server.start()
    try:
        yield server.address + path, troubles
    finally:
        troubles.end()
        server.stop()


def fill(engine: Engine, now: datetime) -> list[RunSummary]:
    """Sync the whole company, lose some of it, have the trackers refuse; the runs in the order they were made.

    What comes of it: items and all about them, retired ones, quarantine, runs that end well, in part and badly.
    """
    company = build_company(seed=7, today=now.date(), scale=0.02)
    for site in (company.cloud, company.datacenter):
        spoil_jira(site)
        first, second = list(site.issues.values())[5:7]
        first.fields["duedate"] = MARKUP["image"]
        second.fields["duedate"] = FORMULAS["command"]
    spoil_asana(company.workspace)
    tasks = list(company.workspace.tasks.values())
    tasks[5]["due_on"], tasks[6]["due_on"] = MARKUP["image"], FORMULAS["command"]
    lost: dict[str, Callable[[], object]] = {
        "cloud": lambda: _lose_issues(company.cloud),
        "datacenter": lambda: _lose_issues(company.datacenter),
        "asana": lambda: _lose_tasks(company.workspace),
    }
    apps = {
        "cloud": (make_jira(company.cloud, clock=lambda: now), company.cloud.context_path, SignIn.CLOUD_TOKEN),
        "datacenter": (
            make_jira(company.datacenter, clock=lambda: now),
            company.datacenter.context_path,
            SignIn.PERSONAL_TOKEN,
        ),
        "asana": (make_asana(company.workspace, clock=lambda: now), "/api/1.0", SignIn.PERSONAL_TOKEN),
    }
    runs = []
    for number, (name, (app, path, sign_in)) in enumerate(apps.items()):
        with served(app, path) as (address, faults):
            settings = ConnectionSettings(
                tracker="asana" if name == "asana" else "jira",
                address=address,
                sign_in=sign_in,
                account="pmo@example.invalid" if sign_in is SignIn.CLOUD_TOKEN else "",
            )
            ident = add_connection(engine, NAMED[number], settings, "store", now, COMMAND)
            runs.append(_run(engine, ident, settings, now, Mode.FULL))
            lost[name]()
            later = now + timedelta(minutes=1)
            faults.add(REFUSAL)
            runs.append(_run(engine, ident, settings, later, Mode.CENSUS))
            faults.clear()
            faults.add(LOST)
            runs.append(_run(engine, ident, settings, later, Mode.FULL))
    with writing(engine) as store:
        rows = Rows(store)
        rows.own_kpi(MARKUP["image"], MARKUP["script"], now)
        calendar = rows.add(Calendar, name=MARKUP["image"])
        rows.row(Holiday, calendar_id=calendar, day=now.date(), name=MARKUP["script"])
        for name, address in ADDRESSES.items():
            # Older than the rule for addresses, or written past it.
            rows.connection(f"{name} {MARKUP['script']}", address=address, enabled=False)
    return runs


def _run(engine: Engine, ident: int, settings: ConnectionSettings, now: datetime, mode: Mode) -> RunSummary:
    connector = open_connector(settings, TOKEN, outbound=LOOPBACK)
    try:
        return sync_connection(engine, ident, connector, clock=lambda: now, mode=mode, most_retired=1.0)
    finally:
        connector.close()


def _lose_issues(site: Site) -> None:
    for ident in list(site.issues)[::4]:
        del site.issues[ident]
    site.touch()


def _lose_tasks(workspace: Workspace) -> None:
    for gid in list(workspace.tasks)[::4]:
        workspace.inaccessible.add(gid)
