"""Webhooks: doors for what trackers tell, and what becomes of it."""
