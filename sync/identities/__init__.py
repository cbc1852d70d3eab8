"""One human over all trackers: who may be one, what was decided about it, and what of it can be taken back."""
