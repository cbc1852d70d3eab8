"""What can go wrong with backups, beside what the store says itself.

    StoreError
    +-- BackupError
        +-- NotABackup     stop: another file was meant
        +-- DamagedBackup  stop: take another backup, the file is cut off or was changed
        +-- NewerBackup    stop: install the version that made it
        +-- CannotRestore  stop: the database is not one to restore into

Nothing was written when any of them is raised: a restore is one transaction.
"""

from __future__ import annotations

from portfolio.store.errors import StoreError


class BackupError(StoreError):
    """A backup could not be made, read or restored."""


class NotABackup(BackupError):
    """The file is something else."""

    def __init__(self) -> None:
        super().__init__("this is no backup of Sightline", "Name a file that `sightline backup` wrote.")


class DamagedBackup(BackupError):
    """The file is not as it was written; `why` tells what does not fit, without anything of what it holds."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the backup is damaged: {why}", "Nothing was restored from it. Take another backup.")
        self.why = why


class NewerBackup(BackupError):
    """The file was written by a version of the product that this one does not know the schema of."""

    def __init__(self, product: str) -> None:
        super().__init__(
            f"the backup was made by a newer version of Sightline ({product})", "Install that version, or a newer one."
        )


class CannotRestore(BackupError):
    """The database holds something that a restore would destroy, or cannot hold what the backup brings."""


def not_empty() -> CannotRestore:
    """The error for a database with rows."""
    return CannotRestore(
        "the database is not empty", "Name an empty one, or replace everything in this one with --replace."
    )


def not_ours() -> CannotRestore:
    """The error for a database with tables that were not made by this program, or by a newer one."""
    return CannotRestore(
        "the database holds tables of another program, or of a newer version of Sightline", "Name an empty database."
    )


def not_storable(table: str) -> CannotRestore:
    """The error for a value that the other kind of database took and this one does not."""
    return CannotRestore(
        f"a row of {table} cannot be stored in this kind of database", "Restore into the kind the backup was made from."
    )
