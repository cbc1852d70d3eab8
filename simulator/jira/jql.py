"""The grammar of JQL, as far as a connector uses it: clauses, AND, OR, NOT, parentheses, ORDER BY.

Not here: functions other than `currentUser()` and `now()`, `WAS`, `CHANGED` and text search beyond `~`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
    r"""|(?P<op>>=|<=|!=|!~|=|>|<|~)"""
    r"""|(?P<mark>[(),])"""
    r"""|(?P<word>[^\s=!<>~(),"']+))"""
)
_ORDER_FIELDS = 7


class QueryError(Exception):
    """JQL that Jira answers with 400; `messages` are Jira's."""

    def __init__(self, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.messages = list(messages)


@dataclass(frozen=True)
class Value:
    """An operand. `quoted` tells "5" from 5: only a bare number is an instant in milliseconds."""

    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Clause:
    """`op` is one of = != > >= < <= ~ !~ "in" "not in" "is" "is not"."""

    field: str
    op: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Both:
    left: Node
    right: Node


@dataclass(frozen=True)
class Either:
    left: Node
    right: Node


@dataclass(frozen=True)
class Negation:
    inner: Node


Node = Clause | Both | Either | Negation


@dataclass(frozen=True)
class Query:
    """`where` is None for a query without a restriction; `order` are (field, descending)."""

    where: Node | None
    order: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        return self.text.lower() if self.kind == "word" else ""


def parse(jql: str) -> Query:
    """Read a query. Raises `QueryError` with the words Jira has for it."""
    return _Parser(jql).query()


class _Parser:
    def __init__(self, jql: str) -> None:
        self._tokens = _tokens(jql)
        self._next = 0

    def query(self) -> Query:
        where = None
        if self._peek() is not None and not self._at_order():
            where = self._either()
        order = self._order() if self._at_order() else ()
        if (rest := self._peek()) is not None:
            raise QueryError(
                f"Error in the JQL Query: Expecting either 'OR' or 'AND' but got '{rest.text}'. "
                f"(line 1, character {rest.at})"
            )
        return Query(where, order)

    def _either(self) -> Node:
        node = self._both()
        while self._take_word("or"):
            node = Either(node, self._both())
        return node

    def _both(self) -> Node:
        node = self._one()
        while self._take_word("and"):
            node = Both(node, self._one())
        return node

    def _one(self) -> Node:
        if self._take_word("not"):
            return Negation(self._one())
        token = self._take("a field name")
        if token.text == "(" and token.kind == "mark":
            node = self._either()
            self._close()
            return node
        if token.kind not in ("word", "text"):
            raise QueryError(
                f"Error in the JQL Query: Expecting a field name but got '{token.text}'. (line 1, character {token.at})"
            )
        return self._clause(_plain(token))

    def _clause(self, field: str) -> Clause:
        token = self._take("an operator")
        if token.kind == "op":
            return Clause(field, token.text, (self._value(),))
        if token.word == "is":
            op = "is not" if self._take_word("not") else "is"
            return Clause(field, op, (self._value(),))
        if token.word == "not" and self._take_word("in"):
            return Clause(field, "not in", self._values())
        if token.word == "in":
            return Clause(field, "in", self._values())
        raise QueryError(
            "Error in the JQL Query: Expecting operator but got "
            f"'{token.text}'. The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', "
            f"'IS' and 'IS NOT'. (line 1, character {token.at})"
        )

    def _value(self) -> Value:
        token = self._take("a value")
        if token.kind not in ("word", "text"):
            raise QueryError(
                f"Error in the JQL Query: Expecting a value but got '{token.text}'. (line 1, character {token.at})"
            )
        following = self._peek()
        if token.kind == "word" and following is not None and following.text == "(" and following.kind == "mark":
            self._next += 1
            self._close()
            return Value(f"{token.text}()")
        return Value(_plain(token), token.kind == "text")

    def _values(self) -> tuple[Value, ...]:
        opening = self._take("'('")
        if opening.text != "(":
            raise QueryError(
                f"Error in the JQL Query: Expecting '(' but got '{opening.text}'. (line 1, character {opening.at})"
            )
        values = [self._value()]
        while (token := self._peek()) is not None and token.text == "," and token.kind == "mark":
            self._next += 1
            values.append(self._value())
        self._close()
        return tuple(values)

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._next += 2
        order = []
        while True:
            name = _plain(self._take("a field name"))
            descending = self._take_word("desc")
            if not descending:
                self._take_word("asc")
            order.append((name, descending))
            token = self._peek()
            if token is None or token.text != ",":
                break
            self._next += 1
        if len(order) > _ORDER_FIELDS:
            raise QueryError(f"The maximum number of fields to order by is {_ORDER_FIELDS}.")
        return tuple(order)

    def _at_order(self) -> bool:
        here = self._tokens[self._next : self._next + 2]
        return [token.word for token in here] == ["order", "by"]

    def _close(self) -> None:
        token = self._take("')'")
        if token.text != ")" or token.kind != "mark":
            raise QueryError(
                f"Error in the JQL Query: Expecting ')' but got '{token.text}'. (line 1, character {token.at})"
            )

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self, what: str) -> _Token:
        token = self._peek()
        if token is None:
            raise QueryError(f"Error in the JQL Query: Expecting {what} before the end of the query.")
        self._next += 1
        return token

    def _take_word(self, word: str) -> bool:
        token = self._peek()
        if token is None or token.word != word:
            return False
        self._next += 1
        return True


def _tokens(jql: str) -> list[_Token]:
    tokens, at = [], 0
    text = jql.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise QueryError(
                f"Error in the JQL Query: The character '{text[at:].lstrip()[:1]}' is a reserved JQL character. "
                f"You must enclose it in a string. (line 1, character {at + 1})"
            )
        kind = match.lastgroup or ""
        tokens.append(_Token(kind, match.group(kind), match.start(kind) + 1))
        at = match.end()
    return tokens


def _plain(token: _Token) -> str:
    return re.sub(r"\\(.)", r"\1", token.text[1:-1]) if token.kind == "text" else token.text
