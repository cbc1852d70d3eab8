"""Capacity as tables in files: how persons work, when they are away, what they can; taken in and given out."""
