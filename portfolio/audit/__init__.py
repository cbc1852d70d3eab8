"""The audit log: what was done, by whom, from what to what. Append-only and chained by hashes."""
