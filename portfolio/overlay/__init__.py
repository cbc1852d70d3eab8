"""Overlay fields: what trackers often do not hold of a project, entered here beside what they say."""
