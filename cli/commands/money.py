"""sightline money: what hours cost and what was spent beside work, brought in from files and listed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.runtime import Runtime, now, whoever

LARGEST = 10_000_000
SHOWN = 20
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group("money")
def command() -> None:
    """Cost rates and expenses. Rates are as good as pay: whoever reads this database can read them."""


@command.group("rates")
def rates() -> None:
    """What an hour of a person or a role costs."""


@command.group("expenses")
def expenses() -> None:
    """What projects spend beside work."""


@rates.command("import")
@FILE
@click.pass_obj
def rates_import(config: str | None, file: Path) -> None:
    """Take in a CSV FILE of rates: all of it, or nothing. Columns: person or role, amount, currency, from, to.

    A rate holds until the next one of the same person or role begins.
    """
    from portfolio.money.rates import take_in

    changed, same = _take_in(config, file, take_in)
    note(f"Added or changed: {changed}, the same: {same}. Figures follow with the next sync.")


@expenses.command("import")
@FILE
@click.pass_obj
def expenses_import(config: str | None, file: Path) -> None:
    """Take in a CSV FILE of expenses: all of it, or nothing. A row that is there already is not entered twice.

    Columns: code, date, amount, currency, kind, state (planned, committed, actual), receipt, approved_by.
    """
    from portfolio.money.expenses import take_in

    added, same = _take_in(config, file, take_in)
    note(f"Added: {added}, there already: {same}. Figures follow with the next sync.")


def _take_in(config: str | None, file: Path, take_in: Callable[..., tuple[int, int]]) -> tuple[int, int]:
    from portfolio.audit.entry import COMMAND
    from portfolio.money.rows import MoneyFileError
    from portfolio.store.engine import writing
    from webapp.export import bare

    if file.stat().st_size > LARGEST:
        raise CommandError(f"{file} is larger than {LARGEST // 1_000_000} MB. Split it.")
    runtime = Runtime.load(config)
    try:
        content = file.read_text("utf-8-sig")
        with writing(runtime.engine) as store:
            return take_in(store, content, bare, now(), whoever(), COMMAND)
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not written in UTF-8. Save it as CSV (UTF-8).") from error
    except MoneyFileError as error:
        print_table(("line", "what is wrong"), error.faults[:SHOWN], empty="")
        raise CommandError(f"{len(error.faults)} rows are wrong: nothing was taken in. Mend them.") from error


@rates.command("list")
@json_option
@click.pass_obj
def rates_list(config: str | None, as_json: bool) -> None:
    """List the cost rates."""
    from portfolio.money.rates import Rate, listed
    from portfolio.store.engine import reading

    with reading(Runtime.load(config).engine) as store:
        found = listed(store)
    if as_json:
        print_json([each._asdict() for each in found])
    else:
        print_table(Rate._fields, found, empty="None. Bring them in with `sightline money rates import`.")


@expenses.command("list")
@click.argument("code", required=False)
@json_option
@click.pass_obj
def expenses_list(config: str | None, code: str | None, as_json: bool) -> None:
    """List the expenses that were entered, of the project of that CODE or of all."""
    from cli.projects import project_of
    from portfolio.money.expenses import Listed, listed
    from portfolio.store.engine import reading

    runtime = Runtime.load(config)
    project_id = None if code is None else project_of(runtime, code)
    with reading(runtime.engine) as store:
        found = listed(store, project_id)
    if as_json:
        print_json([each._asdict() for each in found])
    else:
        print_table(Listed._fields, found, empty="None. Bring them in with `sightline money expenses import`.")
