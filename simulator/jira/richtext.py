"""Rich text as REST v3 shows it: Atlassian Document Format, made from the plain strings the site keeps."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


def adf(text: Any) -> Any:
    """A document of one paragraph per line; lines of "* " become one bullet list. Not a wiki-markup renderer.

    What is not a non-empty string goes through as it is: a recorded ADF document stays, and Jira shows null for "".
    """
    if not isinstance(text, str):
        return text
    return _document(text) if text else None


@lru_cache(maxsize=20_000)
def _document(text: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if line.startswith("* "):
            item = {"type": "listItem", "content": [_paragraph(line[2:])]}
            if content and content[-1]["type"] == "bulletList":
                content[-1]["content"].append(item)
            else:
                content.append({"type": "bulletList", "content": [item]})
        elif line:
            content.append(_paragraph(line))
    return {"type": "doc", "version": 1, "content": content}


def _paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]} if text else {"type": "paragraph"}
