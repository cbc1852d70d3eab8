"""Backups: the whole store in one file, which either kind of database can be restored from."""
