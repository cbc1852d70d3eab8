"""Brings what trackers say into the portfolio: landing, mapping, runs, quarantine, connections and their secrets.

`sync.run.pipeline.sync_connection` is the way in. This package knows no tracker by name and holds no formula.
"""
