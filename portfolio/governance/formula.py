"""Formulas over facts, typed by people: "overdue / open_with_due". Read, checked, and computed in exact fractions.

A formula is a sum of the numbers of facts by name, of numbers, + - * / ** ( ), min, max and abs. Nothing else: no
attribute, no subscript, no other call. What it may become is bounded when it is read, so computing it always ends soon.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from simpleeval import SimpleEval

from portfolio.facts.catalogue import FACTS
from portfolio.governance.errors import FaultySettingError

LONGEST = 300
LARGEST_EXPONENT = 4
MOST_BITS = 16_384
"""A formula whose value could need more is refused; a fact is counted with 64."""
_FACT_BITS = 64
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {"min": min, "max": max, "abs": abs}
_OPERATORS: Mapping[type[ast.operator | ast.unaryop], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: lambda base, exponent: base ** int(exponent),
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


@dataclass(frozen=True)
class Formula:
    """A formula that was checked. `over` and `under` are the halves of a quotient; `under` is None for other ones."""

    text: str
    over: ast.expr
    under: ast.expr | None

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts it names, in the order of the text."""
        halves = [self.over] if self.under is None else [self.over, self.under]
        nodes = (node for half in halves for node in ast.walk(half))
        named = [(node.col_offset, node.id) for node in nodes if isinstance(node, ast.Name)]
        return tuple(dict.fromkeys(name for _, name in sorted(named) if name in FACTS))

    def computed(self, numbers: Mapping[str, int]) -> tuple[Fraction, Fraction]:
        """Numerator and denominator, the latter 1 where it is no quotient. Raises ZeroDivisionError only within them:
        a denominator of zero is given back."""
        names = {name: Fraction(numbers.get(name, 0)) for name in self.facts}
        evaluator = SimpleEval(operators=dict(_OPERATORS), functions=dict(_FUNCTIONS), names=names)
        evaluator.nodes[ast.Constant] = lambda constant: Fraction(repr(constant.value))
        over = evaluator.eval(self.text, self.over)
        return over, Fraction(1) if self.under is None else evaluator.eval(self.text, self.under)


def read_formula(text: str) -> Formula:
    """The formula. Raises `FaultySettingError` that names what cannot stand in it."""
    text = " ".join(text.split())
    if not text or len(text) > LONGEST:
        raise _fault(f"write a formula of at most {LONGEST} characters, like overdue / open_with_due")
    try:
        body = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise _fault("this cannot be read as a formula: look for a missing bracket or operator") from error
    if _bits(body) > MOST_BITS:
        raise _fault("its numbers could grow too large: use smaller powers")
    if not any(isinstance(node, ast.Name) and node.id in FACTS for node in ast.walk(body)):
        raise _fault("it names no fact, so it would be the same for every project")
    if isinstance(body, ast.BinOp) and isinstance(body.op, ast.Div):
        return Formula(text, body.left, body.right)
    return Formula(text, body, None)


def _bits(node: ast.expr) -> int:
    """How long a number the node may become, in bits. Raises `FaultySettingError` for what no formula may hold."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return _of_constant(value)
        case ast.Name(id=name):
            if name not in FACTS:
                raise _fault(f"there is no fact {name[:60]!r}")
            return _FACT_BITS
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return _bits(operand)
        case ast.BinOp(op=ast.Pow(), left=left, right=ast.Constant(value=int() as exponent)):
            if isinstance(exponent, bool) or not 0 <= exponent <= LARGEST_EXPONENT:
                raise _fault(f"an exponent is a whole number from 0 to {LARGEST_EXPONENT}")
            return _bits(left) * max(1, exponent)
        case ast.BinOp(op=ast.Pow()):
            raise _fault(f"an exponent is a whole number from 0 to {LARGEST_EXPONENT}")
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), left=left, right=right):
            return _bits(left) + _bits(right) + 1
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            if (len(args) != 1) if name == "abs" else (len(args) < 2):
                raise _fault(f"{name} takes {'one value' if name == 'abs' else 'two values or more'}")
            return sum(_bits(each) for each in args)
    raise _fault(f"only facts, numbers, + - * / **, min, max and abs may stand in it, not {ast.unparse(node)[:60]!r}")


def _of_constant(value: int | float) -> int:
    try:
        exact = Fraction(repr(value))
    except (ValueError, OverflowError) as error:
        raise _fault("a number in it is too large") from error
    return exact.numerator.bit_length() + exact.denominator.bit_length()


def _fault(said: str) -> FaultySettingError:
    return FaultySettingError("formula", said)


def fact_names() -> Iterator[tuple[str, str]]:
    """What a formula may name: each fact with its words."""
    return ((name, fact.words) for name, fact in sorted(FACTS.items()))
