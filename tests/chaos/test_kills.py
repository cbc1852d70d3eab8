"""A sync that is killed at any instant and started again ends as if nobody had killed it.

On PostgreSQL two processes sync the same connection at once. CHAOS_KILLS says how many are killed on each database.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.chaos.killing import Databases, Victims, disturbed, undisturbed
from tests.chaos.worlds import KINDS
from tests.postgres import Server

KILLS = int(os.environ.get("CHAOS_KILLS", "8"))
SCENES = ("cloud", "datacenter", "asana", "asana_in_part", "cloud_by_minutes")


@pytest.fixture(params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Databases, int]]:
    """Makes migrated, empty databases, and how many processes are to sync into each."""
    if request.param == "sqlite":
        template, numbers = request.getfixturevalue("sqlite_template"), itertools.count()

        def copied() -> str:
            path = tmp_path / f"{next(numbers)}.db"
            shutil.copyfile(template, path)
            return f"sqlite:///{path}"

        yield copied, 1
        return
    server: Server = request.getfixturevalue("postgres")
    template = request.getfixturevalue("postgres_template")
    made: list[str] = []

    def created() -> str:
        while made:
            server.drop(made.pop())
        made.append(server.create(template))
        return made[-1]

    yield created, 2
    while made:
        server.drop(made.pop())


@pytest.mark.timeout(7200)
def test_whoever_is_killed_and_starts_again_ends_the_same(databases: tuple[Databases, int]) -> None:
    fresh, parties = databases
    kills = 0
    with ExitStack() as stack:
        victims = [stack.enter_context(Victims()) for _ in range(parties)]
        for seed in itertools.count():
            kind = KINDS[SCENES[seed % len(SCENES)]]
            wanted = undisturbed(kind, fresh, victims[0], seed)
            kills += disturbed(kind, fresh, victims, seed, wanted)
            if kills >= KILLS:
                break
    assert kills >= KILLS
