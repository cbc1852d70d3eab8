"""Speaks to trackers: sign-in, paging, patience, reading what they say. Knows no database, no portfolio, no Flask."""
