"""What Python's collector need not look through while a run is at work."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sync import memory
from sync.memory import SELDOM, freeze_loaded, frozen_memory


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    frozen = gc.get_freeze_count()
    monkeypatch.setattr(memory._Process, "frozen", False)
    # What other tests left is not to be frozen for good.
    gc.collect()
    gc.unfreeze()
    usual = gc.get_threshold()
    yield
    gc.freeze() if frozen else gc.unfreeze()
    gc.set_threshold(*usual)


def test_what_was_frozen_at_the_start_of_the_process_stays_frozen() -> None:
    freeze_loaded()
    with frozen_memory():
        assert gc.get_freeze_count()
    assert gc.get_freeze_count()


def test_what_is_frozen_while_a_run_is_at_work_stays_frozen() -> None:
    with frozen_memory():
        freeze_loaded()
    assert gc.get_freeze_count()


def test_where_nothing_was_frozen_nothing_is_afterwards() -> None:
    with frozen_memory():
        assert gc.get_freeze_count()
    assert not gc.get_freeze_count()


def test_the_collector_looks_seldom_during_a_run_and_as_usual_afterwards() -> None:
    with frozen_memory():
        assert gc.get_threshold() == SELDOM
    assert gc.get_threshold() == memory._USUAL


def test_what_only_figures_need_is_not_loaded_for_a_run_that_brings_nothing() -> None:
    loaded = "import sys, sync.run.pipeline, sync.jobs.figures; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert not {"numpy", "portfolio.figures.rollup", "portfolio.kpis.catalogue"} & set(told.stdout.split())
