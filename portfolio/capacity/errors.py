"""What cannot be kept of capacity."""

from __future__ import annotations


class CapacityError(Exception):
    """What was entered cannot be kept; nothing was written. The text says why, and what to do instead."""
