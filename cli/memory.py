"""What Python's collector is told of a process that goes on for long."""

from __future__ import annotations

import gc


def freeze_loaded() -> None:
    """What is loaded by now stays loaded: looking through it all would hold up a request, or figures, every few
    seconds. To be called once, before the work begins."""
    gc.collect()
    gc.freeze()
