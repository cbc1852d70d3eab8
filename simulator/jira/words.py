"""Jira's refusals, in Jira's words."""

from __future__ import annotations

from simulator.web import Refusal

HIDDEN = "Issue does not exist or you do not have permission to see it."
REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."


def refuse(status: int, *messages: str) -> Refusal:
    """A refusal in the form most of Jira's resources use."""
    return Refusal(status, {"errorMessages": list(messages), "errors": {}})


def refuse_query(messages: list[str]) -> Refusal:
    """What a search answers to JQL it does not take."""
    return Refusal(400, {"errorMessages": messages, "warningMessages": []})


def no_issue() -> Refusal:
    return refuse(404, HIDDEN)
