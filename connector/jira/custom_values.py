"""Values of custom fields as plain ones: what they hold depends on the field's type, and on the age of the site."""

from __future__ import annotations

import re
from typing import Any

from connector.jira.words import shown
from connector.records import FieldValue

# `com.atlassian.greenhopper...Sprint@1f[id=1,rapidViewId=2,...]`: names in it may hold commas and brackets, so only the
# id is read.
_JAVA_SPRINT = re.compile(r"\bSprint@[0-9a-f]+\[(?:.*?,)?id=(\d+)")
_LINES = frozenset({"paragraph", "heading", "listItem", "tableRow", "codeBlock", "blockquote"})


def plain(value: Any) -> FieldValue:
    """A JSON value of a custom field: an option by its text, a person by id, lists of those, the text of a document.

    None for a placeholder that only says why the field is empty.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return sprint_id(value) or shown(value)
    if isinstance(value, list):
        texts = (plain(part) for part in value)
        return [text if isinstance(text, str) else str(text) for text in texts if text is not None and text != []]
    return _of_object(value)


def _of_object(value: dict[str, Any]) -> FieldValue:
    if value.get("type") == "doc":
        return document_text(value)
    for name in ("accountId", "value", "key", "name", "displayName", "title", "id"):
        found = value.get(name)
        if isinstance(found, (str, int, float)) and found != "":
            break
    else:
        return None
    # A person is known by the id, a project or version by its name; both have a `key` or a `name`.
    if name == "key" and "displayName" not in value and value.get("name"):
        found = value["name"]
    child = value.get("child")
    if isinstance(child, dict) and child.get("value"):
        return f"{found} / {child['value']}"
    return shown(found) if isinstance(found, str) else found


def sprint_id(value: Any) -> str | None:
    """The id of one sprint as issues carry it, an object or a printed Java object; None for anything else."""
    if isinstance(value, dict):
        found = value.get("id")
        return None if found is None else str(found)
    if isinstance(value, str):
        java = _JAVA_SPRINT.search(value) if "Sprint@" in value else None
        return java[1] if java else None
    return None


def sprint_ids(value: Any) -> list[str]:
    """The ids of a sprint field's value, in its order, each once."""
    found: dict[str, None] = {}
    for part in value if isinstance(value, list) else [value]:
        bare = isinstance(part, int) or (isinstance(part, str) and part.isdigit())
        ident = str(part) if bare else sprint_id(part)
        if ident is not None:
            found[ident] = None
    return list(found)


def document_text(document: dict[str, Any]) -> str:
    """The plain text of an ADF document, a line per block. Walks without recursion: bodies nest deeply."""
    pieces: list[str] = []
    waiting: list[Any] = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            pieces.append(node)
        elif isinstance(node, dict):
            if node.get("type") == "hardBreak":
                pieces.append("\n")
            elif node.get("type") in _LINES:
                waiting.append("\n")
            if isinstance(node.get("text"), str):
                pieces.append(node["text"])
            content = node.get("content")
            if isinstance(content, list):
                waiting += reversed(content)
    lines = (line.strip() for line in "".join(pieces).replace("\0", "").splitlines())
    return "\n".join(line for line in lines if line)
