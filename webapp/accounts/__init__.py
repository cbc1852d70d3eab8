"""Accounts: the people and services that may sign in, and what they prove it with."""
