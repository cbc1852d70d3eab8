"""What Python's collector need not look through while a run is at work."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from sync.run.course import frozen_memory


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    frozen = gc.get_freeze_count()
    # What other tests left is not to be frozen for good.
    gc.collect()
    yield
    gc.freeze() if frozen else gc.unfreeze()


def test_what_was_frozen_at_the_start_of_the_process_stays_frozen() -> None:
    gc.freeze()
    with frozen_memory():
        assert gc.get_freeze_count()
    assert gc.get_freeze_count()


def test_where_nothing_was_frozen_nothing_is_afterwards() -> None:
    gc.unfreeze()
    with frozen_memory():
        assert gc.get_freeze_count()
    assert not gc.get_freeze_count()
