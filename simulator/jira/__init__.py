"""Jira: one state, two flavours of server (Cloud REST v3, Data Center REST v2, both with agile 1.0)."""
