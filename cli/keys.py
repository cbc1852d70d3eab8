"""The encryption keys of the secret store: Fernet keys, one a line, newest first, in a file only its owner reads."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from cli.exits import CommandError
from cli.files import whole_file
from cli.folder import FILE_MODE, FOLDER_MODE, cannot_make

VARIABLE = "SIGHTLINE_KEYS"


def read_keys(path: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The keys from the environment (comma-separated) or the file. Raises `CommandError` when there are none."""
    text = environ.get(VARIABLE, "").replace(",", "\n")
    if not text.strip():
        try:
            text = path.read_text(encoding="ascii")
        except FileNotFoundError as error:
            raise CommandError(
                f"there is no key file {path}. Restore it from your backup, or set {VARIABLE} to the keys in use; "
                "for a new installation run `sightline init`."
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"the key file {path} cannot be read: {error}. Check its permissions.") from error
    keys = tuple(line.strip() for line in text.splitlines() if line.strip())
    if not keys:
        raise CommandError(f"the key file {path} is empty. Restore it from your backup, or set {VARIABLE}.")
    for key in keys:
        _check(key, path)
    return keys


def create_keys(path: Path) -> bool:
    """Write a new key file unless there is one. Returns whether it was written. Raises `CommandError`."""
    try:
        path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        return False
    except OSError as error:
        raise cannot_make(error, path) from error
    with os.fdopen(handle, "wb") as file:
        file.write(f"{new_key()}\n".encode("ascii"))
    return True


def write_keys(path: Path, keys: Sequence[str]) -> None:
    """Put these keys in place of those in the file, all at once. Raises `CommandError`."""
    with whole_file(path) as file:
        file.write("".join(f"{key}\n" for key in keys).encode("ascii"))


def new_key() -> str:
    """A key that nobody has."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode("ascii")


def _check(key: str, path: Path) -> None:
    from cryptography.fernet import Fernet

    try:
        Fernet(key)
    except ValueError:
        # The value itself must not be shown.
        raise CommandError(f"a key in {path} or {VARIABLE} is not a Fernet key. Restore it from your backup.") from None
