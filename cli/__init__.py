"""The command line, one file per command; the composition root of terminal and server processes."""
