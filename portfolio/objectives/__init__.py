"""Strategic objectives that are made here, and what is said here of those of trackers and of what serves them."""
