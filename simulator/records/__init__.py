"""Recorded payloads of real trackers, served as the tracker they came from."""
