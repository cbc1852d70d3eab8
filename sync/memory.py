"""What Python's collector need not look through: what is loaded for good, and what was there before a run."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (100_000, 10, 10)
"""How many new objects the collector waits for, and how often it then looks through older ones. Python's own 700 come
with every item, of which nothing hangs together in a circle; it looked through all that a page is made of again and
again."""
_USUAL = gc.get_threshold()


class _Process:
    """What was said of this process. Asking the collector how much it keeps takes as long as counting it."""

    frozen = False


def freeze_loaded() -> None:
    """What is loaded by now stays loaded: looking through it all would hold up a request, or figures, every few
    seconds. To be called once in a process that goes on for long, before the work begins."""
    gc.collect()
    gc.freeze()
    _Process.frozen = True


@contextmanager
def frozen_memory() -> Iterator[None]:
    """A run makes millions of short-lived objects; the collector need not look through all older ones each time, and
    looks seldom.

    In a process that froze what it loaded (`freeze_loaded`), that stays frozen: nothing is done here.
    """
    if _Process.frozen:
        yield
        return
    gc.freeze()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*_USUAL)
        # The process may have begun to keep what it has meanwhile.
        if not _Process.frozen:
            gc.unfreeze()
