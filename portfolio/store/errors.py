"""What can go wrong with the database, grouped by what the caller must do.

    StoreError
    +-- DatabaseLocked   try again: somebody else is writing
    +-- DiskFull         stop: nothing was written, make room
    +-- CannotOpen       stop: wrong address, rights, password or damaged file
    |   +-- DatabaseAway     try again: the server was there a moment ago
    +-- SchemaBehind     stop: upgrade the database first

Every error carries `words` (what happened, for a person) and `remedy` (what to do about it). Errors that are a mistake
in the product's own code, such as a broken constraint, stay SQLAlchemy's and are not dressed up here.
"""

from __future__ import annotations


class StoreError(Exception):
    """The database could not do its work. Shown as `words` and `remedy`; neither holds a password."""

    def __init__(self, words: str, remedy: str) -> None:
        super().__init__(f"{words}. {remedy}")
        self.words = words
        self.remedy = remedy


class DatabaseLocked(StoreError):
    """Somebody else held the database for longer than we wait. Trying again later is safe."""


class DiskFull(StoreError):
    """There is no room to write. The transaction was rolled back."""


class CannotOpen(StoreError):
    """The database is not there, does not let us in, or is not a database."""


class DatabaseAway(CannotOpen):
    """The database server does not answer at present."""


PASSING = (DatabaseLocked, DatabaseAway)
"""What may be over in a moment: nothing was written, and the same may be tried again."""


class SchemaBehind(StoreError):
    """The database is older (or newer) than this program."""


_BEHIND = "Run `sightline db upgrade`, then try again."


def schema_behind(found: str | None, wanted: str) -> SchemaBehind:
    """The error for a database at revision `found` (None: empty) where `wanted` is needed."""
    state = "is empty" if found is None else f"is at revision {found}"
    return SchemaBehind(f"the database {state}, this program needs revision {wanted}", _BEHIND)


def connection_lost() -> DatabaseAway:
    """The error for a server that went away in the middle of the work."""
    return DatabaseAway(
        "the connection to the database server was lost",
        "Nothing was half-written. Check that the server runs, then try again.",
    )


# SQLite's messages, in its own words: SQLAlchemy's events give us the exception, and its text is stable.
_SQLITE: tuple[tuple[str, type[StoreError], str, str], ...] = (
    (
        "database is locked",
        DatabaseLocked,
        "the database is locked by another process",
        "Wait for the other run to end, or stop it, then try again.",
    ),
    (
        "database or disk is full",
        DiskFull,
        "the disk that holds the database is full",
        "Nothing was half-written. Free some space, then try again.",
    ),
    (
        "disk i/o error",
        DiskFull,
        "the disk that holds the database refused to read or write",
        "Check free space and the health of the disk, then try again.",
    ),
    (
        "unable to open database file",
        CannotOpen,
        "the database file cannot be opened",
        "Check that its folder exists and that you may write there.",
    ),
    (
        "readonly database",
        CannotOpen,
        "the database can be read but not written",
        "Check the rights on the file and its folder.",
    ),
    (
        "file is not a database",
        CannotOpen,
        "the file is not a Sightline database",
        "Check the database address in the settings.",
    ),
    (
        "database disk image is malformed",
        CannotOpen,
        "the database file is damaged",
        "Move it away, with the -wal and -shm beside it, and restore a backup.",
    ),
    ("no such table", SchemaBehind, "the database lacks a table this program needs", _BEHIND),
    ("no such column", SchemaBehind, "the database lacks a column this program needs", _BEHIND),
    ("has no column named", SchemaBehind, "the database lacks a column this program needs", _BEHIND),
)

# PostgreSQL's SQLSTATE codes, longest match first.
_POSTGRES: tuple[tuple[str, type[StoreError], str, str], ...] = (
    ("40P01", DatabaseLocked, "two writers blocked each other", "Try again."),
    ("40001", DatabaseLocked, "another writer was faster", "Try again."),
    ("55P03", DatabaseLocked, "the database is locked by another process", "Wait for the other run to end."),
    ("53100", DiskFull, "the disk of the database server is full", "Nothing was half-written. Free some space."),
    ("53300", CannotOpen, "the database server takes no more connections", "Raise its limit or stop other programs."),
    ("28", CannotOpen, "the database server refused the sign-in", "Check user and password in the database address."),
    ("3D000", CannotOpen, "the database does not exist on the server", "Create it, or correct the database address."),
    ("42501", CannotOpen, "the database user lacks rights", "Grant the user rights on the database."),
    ("25006", CannotOpen, "the database can be read but not written", "Use an address of the writable server."),
    ("42P01", SchemaBehind, "the database lacks a table this program needs", _BEHIND),
    ("42703", SchemaBehind, "the database lacks a column this program needs", _BEHIND),
    ("57P03", DatabaseAway, "the database server is starting or stopping", "Try again in a moment."),
)


def explain(dialect: str, original: BaseException, *, connecting: bool = False) -> StoreError | None:
    """Tell the store error a driver's exception means; None when it is not one of ours to explain.

    `dialect` is "sqlite" or "postgresql"; `connecting` says that no connection stood yet, so that a driver error
    without a code can only mean that the server was not reached.
    """
    if dialect == "sqlite":
        text = str(original).lower()
        for mark, kind, words, remedy in _SQLITE:
            if mark in text:
                return kind(words, remedy)
        return None
    code = getattr(original, "sqlstate", None)
    if code:
        for prefix, kind, words, remedy in _POSTGRES:
            if str(code).startswith(prefix):
                return kind(words, remedy)
        return None
    text = str(original)
    if "password authentication failed" in text or "no password supplied" in text or "no pg_hba.conf" in text:
        return CannotOpen("the database server refused the sign-in", "Check user and password in the database address.")
    if "does not exist" in text and "database" in text:
        return CannotOpen("the database does not exist on the server", "Create it, or correct the database address.")
    if connecting:
        return DatabaseAway(
            "the database server cannot be reached",
            "Check that it runs and that host and port in its address are right.",
        )
    return None
