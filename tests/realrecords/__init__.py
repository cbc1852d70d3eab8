"""Real recorded payloads, served over HTTP, synced, and counted: nothing may be lost on the way."""
