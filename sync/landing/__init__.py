"""What the trackers said, kept: payloads with their hashes, cursors, and the quarantine."""
