"""sightline restore: the store as it was when a backup was made."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.commands.backup import document, open_backup
from cli.commands.db import bring_up_to_date
from cli.exits import DONE, FAILED, CommandError, report
from cli.folder import make_data_folder
from cli.output import json_option, note, print_json
from cli.runtime import Runtime, now

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from portfolio.backup.layout import Header

COMES_BACK = (
    "Everybody has to sign in anew, with the password of that time. Accounts closed, tokens revoked and people erased "
    "since are back: look them over before you serve it."
)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Destroy everything that is in the database now.")
@click.option("--yes", is_flag=True, help="With --replace: do not ask.")
@json_option
@click.pass_obj
def command(config: str | None, file: Path, replace: bool, yes: bool, as_json: bool) -> int:
    """Restore the backup in FILE into the empty database of the configuration, of either kind.

    All or nothing: a file that is damaged leaves the database as it was. Stop the servers and workers first. What ran
    when the backup was made is not taken for running.
    """
    from portfolio.backup.errors import BackupError
    from portfolio.backup.read import BackupReader

    runtime = Runtime.load(config)
    try:
        with open_backup(file) as opened:
            return _restore(runtime, file, BackupReader(opened), replace=replace, yes=yes, as_json=as_json)
    except BackupError as error:
        report(error, str(file))
        return FAILED


def _restore(runtime: Runtime, path: Path, reader: object, *, replace: bool, yes: bool, as_json: bool) -> int:
    from cli.progress import RowProgress
    from portfolio.audit.entry import COMMAND
    from portfolio.backup.read import BackupReader
    from portfolio.backup.restore import is_empty, restore_backup

    assert isinstance(reader, BackupReader)
    make_data_folder(runtime.settings)
    engine = runtime.raw_engine
    if replace and not is_empty(engine):
        _require_quiet(engine)
        if not yes:
            _ask(runtime, reader.header)
    with RowProgress("restore") as progress:
        contents = restore_backup(engine, reader, replace=replace, now=now(), actor=COMMAND, progress=progress)
    bring_up_to_date(runtime)
    unopened = _unopened(runtime)
    if as_json:
        print_json(document(path, contents) | {"unopened": unopened})
    else:
        note(
            f"Restored {contents.header.rows:,} rows as of {contents.header.made_at:%Y-%m-%d %H:%M:%S} UTC "
            f"into {runtime.store_name}."
        )
        note(COMES_BACK)
    if unopened:
        note(
            f"{len(unopened)} stored secrets cannot be read with the keys at hand. Bring back the keys of that time "
            f"({runtime.keys_name}); `sightline secrets list` shows which they are."
        )
    return DONE


def _require_quiet(engine: Engine) -> None:
    """Raise `CommandError` while a run writes to what is to be destroyed."""
    from sqlalchemy import select

    from portfolio.model.landing import Lease
    from portfolio.store.engine import reading
    from portfolio.store.migrate import found_revision, head_revision
    from sync.run.lease import is_dead

    if found_revision(engine) != head_revision():
        return
    with reading(engine) as store:
        owners = store.scalars(select(Lease.owner).where(Lease.expires_at > now())).all()
    alive = sorted({owner for owner in owners if not is_dead(owner)})
    if alive:
        raise CommandError(
            f"a sync is under way ({'; '.join(alive)}). Stop the servers and workers first; what died on another "
            "machine keeps its place for a minute."
        )


def _ask(runtime: Runtime, header: Header) -> None:
    if not sys.stdin.isatty():
        raise CommandError("everything in the database would be destroyed. Run it at a terminal, or give --yes.")
    click.confirm(
        f"Destroy everything in {runtime.store_name}, and restore {header.rows:,} rows as of "
        f"{header.made_at:%Y-%m-%d %H:%M:%S} UTC?",
        abort=True,
    )


def _unopened(runtime: Runtime) -> list[str]:
    """The secrets that the keys at hand do not open; all of them where there are none."""
    from portfolio.store.engine import reading
    from sync.rotation import sealed_values

    try:
        keys = runtime.keys
    except CommandError:
        keys = ()
    with reading(runtime.engine) as store:
        return [each.name for each in sealed_values(store, keys) if each.key is None]
