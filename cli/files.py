"""Files that are for their owner's eyes, and are there whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cli.exits import CommandError
from cli.folder import FILE_MODE


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of `path` when the block ends well and is gone when it does not.

    It is on the disk before it takes its place, whatever happens to the machine. Where it replaces another one's file,
    the owner stays. Raises `CommandError` naming the path.
    """
    # Whoever keeps a link to where the file is kept goes on with the link.
    path = path.resolve()
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                _keep_owner(path, file.fileno())
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise _cannot_write(error, path) from error


def _keep_owner(path: Path, handle: int) -> None:
    try:
        before = path.stat()
    except FileNotFoundError:
        return
    if before.st_uid != os.geteuid():
        os.chown(handle, before.st_uid, before.st_gid)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _cannot_write(error: OSError, path: Path) -> CommandError:
    remedy = {
        errno.ENOSPC: "Free some space, or name a file on another disk.",
        errno.EDQUOT: "Free some space, or name a file on another disk.",
        errno.ENOENT: "Make its folder first, or name another.",
    }.get(error.errno or 0, "Run it where this account may write, or name another file.")
    return CommandError(f"{path} cannot be written: {error.strerror}. {remedy}")
