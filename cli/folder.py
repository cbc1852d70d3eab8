"""The data folder and the SQLite file: made for their owner's eyes only. What exists already is left as it is."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from cli.exits import CommandError
from cli.settings import Settings

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_data_folder(settings: Settings) -> None:
    """Make the data folder and an empty database file in it, unless they are there.

    SQLite takes an empty file for a new database and gives the files it lays beside one the same rights, so that they
    never stand open for a moment. Raises `CommandError` naming the path that could not be made.
    """
    folder = settings.data_dir.absolute()
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        file = database_file(settings)
        if file is not None:
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT, FILE_MODE))
    except OSError as error:
        raise cannot_make(error, Path(error.filename or folder)) from error


def database_file(settings: Settings) -> Path | None:
    """The SQLite file, from the root; None for another database or one in memory."""
    try:
        url = make_url(settings.store_url)
    except ArgumentError:
        return None  # `open_engine` says what is wrong with it.
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith((":memory:", "file:")):
        return None
    return Path(url.database).absolute()


def cannot_make(error: OSError, path: Path) -> CommandError:
    """What to say when a file or folder of the installation cannot be made."""
    return CommandError(
        f"{path} cannot be made or written: {error.strerror}. "
        "Run it where this account may write, or name another folder with data_dir."
    )
