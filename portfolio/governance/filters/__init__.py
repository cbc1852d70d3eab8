"""The small language in which rules say which items they mean: read and written here, compiled in `compile`."""
