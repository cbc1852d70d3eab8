"""One module per command, each holding `command`."""
