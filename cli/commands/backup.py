"""sightline backup: the whole store in one file."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.exits import DONE, FAILED, CommandError, report
from cli.files import whole_file
from cli.output import json_option, note, print_json
from cli.runtime import Runtime, now

if TYPE_CHECKING:
    from portfolio.backup.layout import Contents

UNKEYED = (
    "The encryption keys are not in it: keep a copy of {keys} apart from it, or the stored tokens cannot be read again."
)


@click.command("backup")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Read the FILE and say whether it is whole and unchanged; write nothing.")
@json_option
@click.pass_obj
def command(config: str | None, file: Path | None, verify: bool, as_json: bool) -> int:
    """Write everything in the store as of this moment to FILE, while servers and syncs go on.

    FILE may be a folder; without it, the current one is taken. The file is for its owner's eyes only, and either kind
    of database can be restored from it. Tokens of trackers stay encrypted in it, and the keys are not in it.
    """
    if verify:
        if file is None:
            raise click.UsageError("name the FILE to verify.")
        return _verify(file, as_json)
    runtime = Runtime.load(config)
    path = _destination(file)
    contents = _write(runtime, path)
    said = UNKEYED.format(keys=runtime.keys_name)
    if as_json:
        print_json(document(path, contents) | {"keys": said})
    else:
        note(f"Wrote {path}: {_size(path, contents)}.")
        note(said)
    return DONE


def document(path: Path, contents: Contents) -> dict[str, Any]:
    """What is told of a backup as JSON."""
    header = contents.header
    return {
        "file": str(path),
        "made_at": header.made_at,
        "product": header.product,
        "revision": header.revision,
        "database": header.database,
        "rows": header.rows,
        "tables": {each.name: {"rows": each.rows, "sha256": contents.digests[each.name]} for each in header.tables},
    }


def _destination(file: Path | None) -> Path:
    path = (file or Path.cwd()).absolute()
    if path.is_dir():
        path /= f"sightline-{now():%Y%m%dT%H%M%SZ}.backup"
    if path.exists():
        raise CommandError(f"there is a file {path} already. Name another, or move it away first.")
    return path


def _write(runtime: Runtime, path: Path) -> Contents:
    from cli.progress import RowProgress
    from portfolio.audit.append import append
    from portfolio.audit.entry import COMMAND, Subject
    from portfolio.backup.write import write_backup
    from portfolio.store.engine import writing

    engine = runtime.engine
    with whole_file(path) as out, RowProgress("backup") as progress:
        contents = write_backup(engine, out, product=version("sightline-pmo"), now=now(), progress=progress)
    with writing(engine) as store:
        append(store, now(), COMMAND, "backup.made", Subject("database"), new={"rows": contents.header.rows})
    return contents


def _verify(path: Path, as_json: bool) -> int:
    from cli.progress import RowProgress
    from portfolio.backup.errors import BackupError
    from portfolio.backup.read import BackupReader, check_backup

    try:
        with open_backup(path) as file, RowProgress("verify") as progress:
            contents = check_backup(BackupReader(file), progress)
    except BackupError as error:
        if as_json:
            print_json({"file": str(path), "error": str(error)})
        report(error, str(path))
        return FAILED
    if as_json:
        print_json(document(path, contents))
    else:
        note(f"{path} is whole and unchanged: {_size(path, contents)}.")
    return DONE


def open_backup(path: Path) -> Any:
    """The file, to read. Raises `CommandError` naming it."""
    try:
        return path.open("rb")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}. Correct the name, or its permissions.") from error


def _size(path: Path, contents: Contents) -> str:
    header = contents.header
    return (
        f"{header.rows:,} rows of {len(header.tables)} tables as of {header.made_at:%Y-%m-%d %H:%M:%S} UTC, "
        f"{path.stat().st_size / 1e6:,.1f} MB"
    )
