"""sightline doctor: what is wrong, and what to do about it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from cli.exits import DONE, FAILED, CommandError
from cli.output import json_option, print_json, print_table
from cli.runtime import Runtime
from cli.settings import DEFAULT_FILE


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `state`: ok, warning or failed."""

    subject: str
    state: str
    detail: str


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Do not ask the trackers.")
@json_option
@click.pass_obj
def command(config: str | None, offline: bool, as_json: bool) -> int:
    """Look at the configuration, the keys, the database and each connection. Exit code 1 if anything failed."""
    findings = list(examine(config, offline=offline))
    if as_json:
        print_json([{"subject": f.subject, "state": f.state, "detail": f.detail} for f in findings])
    else:
        print_table(("what", "state", "detail"), [(f.subject, f.state, f.detail) for f in findings], empty="")
    return FAILED if any(f.state == "failed" for f in findings) else DONE


def examine(config: str | None, *, offline: bool) -> Iterator[Finding]:
    """Look at one thing after the other; what depends on a failed one is left out."""
    from sync.connections import list_connections

    try:
        runtime = Runtime.load(config)
    except CommandError as error:
        yield Finding("configuration", "failed", str(error))
        return
    file = Path(config or DEFAULT_FILE).absolute()
    yield Finding("configuration", "ok", str(file) if file.exists() else f"defaults; no {DEFAULT_FILE} here")
    yield _try("keys", lambda: f"{len(runtime.keys)} in use")
    database = _try("database", lambda: f"{runtime.engine.dialect.name}, {runtime.store_name}")
    yield database
    if database.state == "failed":
        return
    connections = list_connections(runtime.engine)
    if not connections:
        yield Finding("connections", "warning", "none yet; add one with `sightline connection add`")
    for row in connections:
        yield _last_run(runtime, row.id, row.name)
        yield _quarantine(runtime, row.id, row.name)
        if not offline:
            yield _try(f"{row.name}: tracker", lambda ident=row.id: _probe(runtime, ident))  # type: ignore[misc]


def _try(subject: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, "ok", look())
    except Exception as error:  # noqa: BLE001 - a doctor reports whatever it meets
        return Finding(subject, "failed", " ".join(str(error).split()) or type(error).__name__)


def _probe(runtime: Runtime, ident: int) -> str:
    from sync.connections import open_connection

    connector = open_connection(runtime.engine, ident, runtime.secrets)
    try:
        probe = connector.probe()
    finally:
        connector.close()
    gaps = "; ".join(f"{gap.what}: {gap.remedy}" for gap in probe.gaps)
    return f"{probe.flavour} {probe.version}, {probe.projects} projects" + (f". Cannot give: {gaps}" if gaps else "")


def _last_run(runtime: Runtime, ident: int, name: str) -> Finding:
    from sqlalchemy import select

    from portfolio.model.oversight import SyncRun
    from portfolio.store.engine import reading
    from sync.runs import PARTIAL

    query = select(SyncRun.state, SyncRun.finished_at, SyncRun.error).where(SyncRun.connection_id == ident)
    with reading(runtime.engine) as store:
        last = store.execute(query.order_by(SyncRun.id.desc()).limit(1)).first()
    if last is None:
        return Finding(f"{name}: last run", "warning", f"never run; run `sightline sync {shlex.quote(name)}`")
    if last.state == "failed":
        return Finding(f"{name}: last run", "failed", last.error or "failed without a word")
    state = "ok" if last.state == "done" else "warning"
    when = last.finished_at.isoformat(timespec="minutes") if last.finished_at else "not finished"
    if last.state == PARTIAL:
        when += ": some parts could not be read; its page on the site says which, and what to do"
    return Finding(f"{name}: last run", state, f"{last.state}, {when}")


def _quarantine(runtime: Runtime, ident: int, name: str) -> Finding:
    from sqlalchemy import func, select

    from portfolio.model.landing import Quarantine
    from portfolio.store.engine import reading

    with reading(runtime.engine) as store:
        count = store.scalar(select(func.count()).select_from(Quarantine).where(Quarantine.connection_id == ident)) or 0
    if count:
        return Finding(f"{name}: quarantine", "warning", f"{count} records could not be read; see the quarantine page")
    return Finding(f"{name}: quarantine", "ok", "empty")
