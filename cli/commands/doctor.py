"""sightline doctor: what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.exits import DONE, FAILED, CommandError
from cli.output import json_option, print_json, print_table
from cli.runtime import Runtime, now
from cli.settings import DEFAULT_FILE

if TYPE_CHECKING:
    from sync.connections import ConnectionRow
    from sync.observe.judge import Finding


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Do not ask the trackers.")
@json_option
@click.pass_obj
def command(config: str | None, offline: bool, as_json: bool) -> int:
    """Look at the configuration, the keys, the database, the runs and the data of each connection, and its tracker.

    Exit code 1 if anything failed.
    """
    findings = list(examine(config, offline=offline))
    if as_json:
        print_json([found._asdict() for found in findings])
    else:
        print_table(("what", "state", "detail"), [(f.subject, f.state, f.detail) for f in findings], empty="")
    return FAILED if any(f.state == "failed" for f in findings) else DONE


def examine(config: str | None, *, offline: bool) -> Iterator[Finding]:
    """Look at one thing after the other; what depends on a failed one is left out."""
    from sync.connections import list_connections
    from sync.observe.condition import condition
    from sync.observe.judge import Finding, judge, judge_waiting

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
    conditions = [condition(runtime.engine, row.id, now()) for row in connections]
    waiting = judge_waiting(conditions, now())
    if waiting is not None:
        yield waiting
    for row, found in zip(connections, conditions, strict=True):
        yield from judge(found, now())
        if not offline:
            yield from _ask(runtime, row)


def _try(subject: str, look: Callable[[], str]) -> Finding:
    from sync.observe.judge import Finding

    try:
        return Finding(subject, "ok", look())
    except Exception as error:  # noqa: BLE001 - a doctor reports whatever it meets
        return Finding(subject, "failed", " ".join(str(error).split()) or type(error).__name__)


def _ask(runtime: Runtime, row: ConnectionRow) -> Iterator[Finding]:
    """What the tracker itself says, and whether its clock agrees with ours."""
    from connector.registry import open_connector
    from sync.governor import SharedGovernor
    from sync.observe.judge import judge_clock

    governor = SharedGovernor(runtime.engine, row.id, row.settings.requests_per_minute)

    def probe() -> str:
        secret = runtime.secrets.get(row.id)
        with closing(open_connector(row.settings, secret, governor, runtime.outbound)) as connector:
            said = connector.probe()
        gaps = "; ".join(f"{gap.what}: {gap.remedy}" for gap in said.gaps)
        return f"{said.flavour} {said.version}, {said.projects} projects" + (f". Cannot give: {gaps}" if gaps else "")

    yield _try(f"{row.name}: tracker", probe)
    clock = judge_clock(row.name, governor.ahead_s)
    if clock is not None:
        yield clock
