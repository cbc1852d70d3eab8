"""sightline demo: a made-up company, simulated, synced and served by one command."""

from __future__ import annotations

import secrets
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from cli.commands.init import prepare
from cli.commands.serve import serve_pages
from cli.commands.simulate import company
from cli.commands.sync import compute_past, exit_code, print_summary, sync_all
from cli.demo_accounts import EVERYTHING, add_accounts
from cli.demo_data import approve_mapping, enter_data
from cli.output import note, print_json
from cli.ports import require_free
from cli.runtime import Runtime, now
from cli.settings import OutboundSection, Settings
from connector.outbound import private_network
from connector.settings import ConnectionSettings, Secret, SignIn

HOST = "127.0.0.1"
TOKEN = "simulated-token"
ACCOUNT = "pmo@example.invalid"
SIGN_IN = {
    "jira_cloud": ("jira", SignIn.CLOUD_TOKEN, "Jira Cloud"),
    "jira_datacenter": ("jira", SignIn.PERSONAL_TOKEN, "Jira Data Center"),
    "asana": ("asana", SignIn.PERSONAL_TOKEN, "Asana"),
}


@click.command("demo")
@click.option("--once", is_flag=True, help="End after the sync and print one JSON line.")
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed makes another company.")
@click.option(
    "--scale", type=click.FloatRange(0.01, 20), default=1.0, show_default=True, help="1 is about 12,000 items."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Port of the pages; 0 takes a free one.",
)
def command(once: bool, seed: int, scale: float, port: int) -> int:
    """Simulate a company, sync it and serve its portfolio.

    Everything lives in a temporary folder that is gone afterwards. Nothing of an installed Sightline is touched.
    """
    if not once:
        require_free(HOST, port)
    with tempfile.TemporaryDirectory(prefix="sightline-demo-") as folder:
        return _run(Path(folder), once=once, seed=seed, scale=scale, port=port)


def _run(folder: Path, *, once: bool, seed: int, scale: float, port: int) -> int:
    from sync.connections import list_connections

    started = time.monotonic()
    # Neither the configuration nor the environment of an installed Sightline has a say in the demo.
    settings = Settings(data_dir=folder, outbound=OutboundSection(allow_private=(private_network(HOST),)))
    runtime = Runtime(settings, environ={})
    note("Making up a company ...")
    prepare(runtime)
    with company(seed, scale, now().date()) as simulator:
        for name, address in simulator.addresses.items():
            _connect(runtime, name, address)
        approve_mapping(runtime.engine, now())
        summaries = sync_all(runtime, list_connections(runtime.engine))
        enter_data(runtime.engine, seed, now())
        compute_past(runtime)
        code = exit_code([summary for _, summary in summaries], expected=len(simulator.addresses))
        if once:
            print_json({**_totals(runtime, summaries), "seconds": round(time.monotonic() - started, 1)})
            return code
        for name, summary in summaries:
            print_summary(name, summary)
        password = secrets.token_urlsafe(12)
        single = add_accounts(runtime.engine, password, now())
        serve_pages(
            runtime,
            HOST,
            port,
            greeting=f"\nSign in as {EVERYTHING} with the password {password}\n"
            f"The same password opens the view of one role: {', '.join(single)}.\n"
            "Stop with Ctrl-C; nothing is kept.",
        )
    return code


def _connect(runtime: Runtime, name: str, address: str) -> None:
    from portfolio.audit.entry import COMMAND
    from sync.connections import add_connection

    tracker, sign_in, title = SIGN_IN[name]
    account = ACCOUNT if sign_in is SignIn.CLOUD_TOKEN else ""
    settings = ConnectionSettings(tracker=tracker, address=address, sign_in=sign_in, account=account)
    ident = add_connection(runtime.engine, title, settings, "store", now(), COMMAND)
    runtime.secrets.put(ident, Secret(TOKEN), now(), COMMAND)


def _totals(runtime: Runtime, summaries: list[tuple[str, Any]]) -> dict[str, int]:
    from sqlalchemy import func, select

    from portfolio.model.oversight import KpiValue
    from portfolio.model.people import Person
    from portfolio.model.structure import Project
    from portfolio.model.work import FieldChange, Transition, WorkItem
    from portfolio.store.engine import reading

    with reading(runtime.engine) as store:

        def count(table: type) -> int:
            return store.scalar(select(func.count()).select_from(table)) or 0

        return {
            "projects": count(Project),
            "items": count(WorkItem),
            "changes": count(Transition) + count(FieldChange),
            "people": count(Person),
            "quarantined": sum(c.quarantined for _, summary in summaries for c in summary.streams.values()),
            "kpi_readings": count(KpiValue),
        }
