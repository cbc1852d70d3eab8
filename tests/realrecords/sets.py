"""The recorded sets that hold something a tracker would serve, by their folder below the real data."""

SETS = (
    "jira/tidev_archive",
    "jira/devlake/raw",
    "jira/airbyte",
    "jira/airbyte_unit_responses",
    "jira/faros",
    "jira/nango",
    "jira/jupiterone",
    "jira/jirametrics",
    "jira/grimoirelab",
    "jira/perceval",
    "jira/jira_ruby",
    "jira/hygieia",
    "jira/go_jira",
    "jira/mobitel",
    "jira/jrjc",
    "asana/nango",
    "asana/airbyte",
    "asana/faros",
    "asana/jupiterone",
)
