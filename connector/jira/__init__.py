"""Jira, Cloud and Data Center: `connection` speaks to the site, `reader` reads what came, without a network."""
