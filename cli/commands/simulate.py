"""sightline simulate: trackers to try things on."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.ports import LAST, require_free
from cli.runtime import now

if TYPE_CHECKING:
    from simulator.serve import Simulator

HOST = "127.0.0.1"
NAMES = ("jira_cloud", "jira_datacenter", "asana")


@click.command("simulate")
@click.option(
    "--records",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Serve this folder's recorded payloads instead.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed makes another company.")
@click.option(
    "--scale",
    type=click.FloatRange(0.01, 20),
    default=1.0,
    show_default=True,
    help="Size of the company; 1 is about 12,000 items.",
)
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="The day the company's history ends (default: today).",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="First port; the others follow. 0 takes free ones."
)
@json_option
def command(records: Path | None, seed: int, scale: float, today: object, port: int, as_json: bool) -> None:
    """Serve simulated trackers on this machine until stopped with Ctrl-C.

    Without --records: Jira Cloud, Jira Data Center and Asana of a made-up company. Sign in with any e-mail and the
    token "simulated-token".
    """
    day = today.date() if hasattr(today, "date") else now().date()
    _require_ports(port, 1 if records else len(NAMES))
    simulator = recorded(records, port) if records else company(seed, scale, day, port)
    with simulator:
        if as_json:
            print_json(simulator.addresses)
        else:
            rows = [(name.replace("_", " "), address) for name, address in simulator.addresses.items()]
            print_table(("tracker", "address"), rows, empty="Nothing to serve.")
        note("Stop with Ctrl-C.")
        threading.Event().wait()


def company(seed: int, scale: float, today: date, port: int = 0) -> Simulator:
    """The three trackers of a made-up company, not yet started."""
    from simulator.company.build import build_company
    from simulator.serve import Simulator

    made = build_company(seed, today=today, scale=scale)
    return Simulator(jira_cloud=made.cloud, jira_datacenter=made.datacenter, asana=made.workspace, ports=_ports(port))


def recorded(folder: Path, port: int = 0) -> Simulator:
    """The tracker a folder of recorded payloads came from, not yet started."""
    from simulator.asana.workspace import Workspace
    from simulator.records.load import load_records
    from simulator.serve import Simulator

    try:
        state = load_records(folder)
    except (OSError, ValueError) as error:
        raise CommandError(f"{folder} holds no payloads that can be served: {error}.") from error
    if isinstance(state, Workspace):
        return Simulator(asana=state, ports={"asana": port})
    if state.flavour == "cloud":
        return Simulator(jira_cloud=state, ports={"jira_cloud": port})
    return Simulator(jira_datacenter=state, ports={"jira_datacenter": port})


def _ports(first: int) -> dict[str, int]:
    return {name: first + index for index, name in enumerate(NAMES)} if first else {}


def _require_ports(first: int, count: int) -> None:
    if first + count - 1 > LAST:
        raise CommandError(
            f"{count} ports are needed from {first} on, and the last there is is {LAST}. "
            f"Give {LAST - count + 1} or less with --port."
        )
    for port in range(first, first + count) if first else ():
        require_free(HOST, port)
