"""The `sightline` command. Commands are imported only when they run, so that `--help` answers at once."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version

import click

from cli.exits import FAILED, report

COMMANDS = {
    "init": ("cli.commands.init", "Prepare the data folder, the database and the first admin."),
    "db": ("cli.commands.db", "Look after the database."),
    "connection": ("cli.commands.connection", "Connections to Jira and Asana."),
    "mapping": ("cli.commands.mapping", "What tracker data means: drafts, versions, files."),
    "sync": ("cli.commands.sync", "Bring the portfolio up to date from the trackers."),
    "run": ("cli.commands.run", "Runs that are under way."),
    "serve": ("cli.commands.serve", "Serve the web pages, and sync by the schedule."),
    "worker": ("cli.commands.worker", "Sync by the schedule, beside other workers on PostgreSQL."),
    "audit": ("cli.commands.audit", "What was done, by whom; and whether the record of it is whole."),
    "person": ("cli.commands.person", "Persons of the trackers: what is kept of them, and erasing them."),
    "project": ("cli.commands.project", "What is entered of projects here, beside what trackers tell."),
    "baseline": ("cli.commands.baseline", "Plans of projects as they were agreed, in versions."),
    "money": ("cli.commands.money", "What hours cost, and expenses."),
    "kpi": ("cli.commands.kpi", "The KPIs of a project, a program, a portfolio or all, as of a day."),
    "load": ("cli.commands.load", "Who has how much to do in the next weeks, beside what they can."),
    "timeline": ("cli.commands.timeline", "What has a day, for calendars."),
    "capacity": ("cli.commands.capacity", "How persons work, when they are away and what they can, as tables."),
    "scenario": ("cli.commands.scenario", "What would be if the plan were another: nothing is written."),
    "explain": ("cli.commands.explain", "How a number came about."),
    "governance": ("cli.commands.governance", "What is set of KPIs and rules, and its versions."),
    "rules": ("cli.commands.rules", "Rules: run, list, and why a project fails one."),
    "retention": ("cli.commands.retention", "Remove what has been kept long enough."),
    "user": ("cli.commands.user", "People who may sign in."),
    "token": ("cli.commands.token", "Tokens that programs reach the API with."),
    "simulate": ("cli.commands.simulate", "Serve simulated trackers, or recorded payloads."),
    "demo": ("cli.commands.demo", "A made-up company: simulate, sync and serve in one go."),
    "backup": ("cli.commands.backup", "Write the whole store to one file, or verify such a file."),
    "restore": ("cli.commands.restore", "Bring back the store as it was when a backup was made."),
    "secrets": ("cli.commands.secrets", "Stored secrets, and the keys they are encrypted with."),
    "doctor": ("cli.commands.doctor", "Say what is wrong and what to do about it."),
}


class Commands(click.Group):
    """A group that knows the names and one-line helps, and loads a command's module on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name][0]), "command")  # noqa: B009 - the name is a convention
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("sightline-pmo"), prog_name="sightline")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False),
    envvar="SIGHTLINE_CONFIG",
    help="Configuration file (default: sightline.toml in the current folder, if there is one).",
)
@click.pass_context
def sightline(ctx: click.Context, config: str | None) -> None:
    """One line of sight over all projects: Jira and Asana in, one portfolio out.

    Exit codes: 0 done, 1 failed, 2 usage, 3 done, but some records or parts could not be read.
    """
    ctx.obj = config


def main() -> None:
    """The console script: every expected failure ends in one clear line and its exit code, never a traceback."""
    try:
        code = sightline.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        code = FAILED
    except Exception as error:  # noqa: BLE001 - the boundary of the process
        code = report(error)
    sys.exit(code if isinstance(code, int) else 0)
