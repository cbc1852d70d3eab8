"""What adding and editing a connection share: asking for the token, and trying it out."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from cli.exits import CommandError
from cli.output import print_table
from connector.settings import ConnectionSettings, Secret

if TYPE_CHECKING:
    from connector.outbound import Outbound
    from connector.protocol import Gap, Probe

ALL_PROJECTS = "All projects"
OF_SCOPE = " of the scope"


def ask_secret(variable: str) -> Secret:
    """The token: from the environment variable, or else typed or piped in. Raises `CommandError` without one."""
    if variable:
        if not os.environ.get(variable):
            raise CommandError(f"the environment variable {variable} is not set. Set it where Sightline runs.")
        return Secret(os.environ[variable])
    value = click.prompt("Token", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().strip()
    if not value:
        raise CommandError(
            "no token was given. Type it at the prompt, pipe it in, or name a variable with --secret-env."
        )
    return Secret(value)


def ask_tracker(settings: ConnectionSettings, secret: Secret, outbound: Outbound) -> Probe:
    """What the tracker says of these settings. Raises `ConnectorError`."""
    from connector.registry import open_connector

    connector = open_connector(settings, secret, outbound=outbound)
    try:
        return connector.probe()
    finally:
        connector.close()


def require_projects(probe: Probe) -> None:
    """Raise `CommandError`, in the words of what is missing, when a connection would bring no project at all."""
    if probe.projects:
        return
    said = [_sentence(gap) for gap in probe.gaps if gap.what == ALL_PROJECTS or gap.what.endswith(OF_SCOPE)]
    raise CommandError(" ".join(said) or "the account sees no project. Give it access to those to follow.")


def require_rules(probe: Probe, settings: ConnectionSettings) -> None:
    """Raise `CommandError` when a rule, other than a plain project, means nothing: a run would stop at it."""
    rules = {f"{rule.type.capitalize()} {rule.name}{OF_SCOPE}" for rule in settings.follow}
    said = [_sentence(gap) for gap in probe.gaps if gap.what in rules]
    if said:
        raise CommandError(" ".join(said))


def print_probe(name: str, probe: Probe) -> None:
    """Who we are, what answers, and what it cannot give."""
    rows = [
        ("answers", f"{probe.flavour} {probe.version}".strip()),
        ("address", probe.address),
        ("account", probe.account_name),
        ("time zone", probe.time_zone),
        ("projects", str(probe.projects)),
    ]
    print_table((name, ""), rows, empty="")
    if probe.gaps:
        print_table(
            ("cannot give", "why", "what to do"), [(gap.what, gap.why, gap.remedy) for gap in probe.gaps], empty=""
        )


def _sentence(gap: Gap) -> str:
    return f"{gap.what}: {gap.why}. {gap.remedy}."
