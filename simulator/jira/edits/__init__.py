"""Changes to a running site, as people would make them in Jira: the document, its history and its `updated` together.

Every function takes the site first and holds its lock; `at` is the instant of the change (aware), `by` the id of the
user who makes it (accountId on Cloud, key on Data Center). Ids are issue ids, not keys. An unknown id is a `KeyError`.
"""

from simulator.jira.edits.attached import (
    add_comment,
    add_worklog,
    delete_worklog,
    edit_worklog,
    link,
    unlink,
)
from simulator.jira.edits.issues import edit, move, reparent, transition
from simulator.jira.edits.lives import (
    archive_issue,
    create_issue,
    delete_issue,
    hide_issue,
    restore_issue,
)
from simulator.jira.edits.surroundings import (
    archive_project,
    edit_sprint,
    edit_user,
    hide_project,
    new_sprint,
    new_version,
    release_version,
    set_time_zone,
    shift_clock,
)

__all__ = [
    "add_comment",
    "add_worklog",
    "archive_issue",
    "archive_project",
    "create_issue",
    "delete_issue",
    "delete_worklog",
    "edit",
    "edit_sprint",
    "edit_user",
    "edit_worklog",
    "hide_issue",
    "hide_project",
    "link",
    "move",
    "new_sprint",
    "new_version",
    "release_version",
    "reparent",
    "restore_issue",
    "set_time_zone",
    "shift_clock",
    "transition",
    "unlink",
]
