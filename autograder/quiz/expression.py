"""Formulas as people write them → a tree, by a parser of our own; nothing is ever evaluated as Python.

    sum      = product { ("+" | "-") product }
    product  = unary { ("*" | "/" | nothing) unary }          2s, 2(s+1) and s(1-s) multiply
    unary    = ("+" | "-") unary | power
    power    = atom [ ("^" | "**") unary ]                     to the right: 2^3^2 is 2^9
    atom     = number | name | function "(" sum {"," sum} ")" | function power | "(" sum ")" | "|" sum "|"

A tree is nested tuples: ("number", Fraction), ("name", "s"), ("call", "exp", (…)), ("+", a, b) … Names are those that
the author declares, and the constants pi and e; a word of several known one-letter names is not taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Any

Tree = tuple[Any, ...]

MOST_CHARACTERS = 500
MOST_DEPTH = 40
FUNCTIONS = {
    "sqrt": 1, "exp": 1, "ln": 1, "log": 1, "log2": 1, "log10": 1, "sin": 1, "cos": 1, "tan": 1, "sinh": 1,
    "cosh": 1, "tanh": 1, "sigmoid": 1, "relu": 1, "abs": 1, "min": 2, "max": 2, "floor": 1, "ceil": 1, "round": 1,
}  # fmt: skip
CONSTANTS = ("pi", "e")
_SIGNS = str.maketrans({"·": "*", "×": "*", "⋅": "*", "∙": "*", "÷": "/", "−": "-", "–": "-", "[": "(", "]": ")"})
_SPELLED = {"σ": "sigmoid", "π": "pi", "√": "sqrt", "²": "^2", "³": "^3"}
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3}(?![\w.]))?|\.\d+)|([A-Za-z_]\w*)|(\*\*|[-+*/^(),|]))")


class FormulaError(ValueError):
    """The text is no formula; the message says where and why."""


def parse(text: str, names: Collection[str]) -> Tree:
    """The tree of a formula in these names. Raises FormulaError."""
    if len(text) > MOST_CHARACTERS:
        raise FormulaError(f"it has more than {MOST_CHARACTERS} characters")
    for sign, word in _SPELLED.items():
        text = text.replace(sign, f" {word} " if sign not in names else sign)
    return _Parser(list(_tokens(text.translate(_SIGNS))), frozenset(names)).whole()


def names_in(tree: Tree) -> Iterator[str]:
    """Every name in a tree, with repetitions."""
    if tree[0] == "name":
        yield tree[1]
    elif tree[0] != "number":
        for part in tree[2] if tree[0] == "call" else tree[1:]:
            yield from names_in(part)


def substituted(tree: Tree, values: Mapping[str, Fraction]) -> Tree:
    """The tree with names replaced by numbers."""
    match tree[0]:
        case "number":
            return tree
        case "name":
            return ("number", values[tree[1]]) if tree[1] in values else tree
        case "call":
            return ("call", tree[1], tuple(substituted(part, values) for part in tree[2]))
    return (tree[0], *(substituted(part, values) for part in tree[1:]))


def _tokens(text: str) -> Iterator[str]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise FormulaError(f"“{text[at:].strip()[:12]}” cannot be read")
        yield found[0].strip()
        at = found.end()


class _Parser:
    def __init__(self, tokens: list[str], names: frozenset[str]) -> None:
        self.tokens, self.at, self.names, self.depth = tokens, 0, names, 0

    def whole(self) -> Tree:
        tree = self.sum()
        if self.peek():
            raise FormulaError(f"“{self.peek()}” stands where nothing can follow")
        return tree

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, sign: str) -> None:
        if self.peek() != sign:
            raise FormulaError(f"“{sign}” is missing" + (f" before “{self.peek()}”" if self.peek() else " at the end"))
        self.take()

    def sum(self) -> Tree:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise FormulaError("it is nested too deeply")
        tree = self.product()
        while self.peek() in ("+", "-"):
            tree = (self.take(), tree, self.product())
        self.depth -= 1
        return tree

    def product(self) -> Tree:
        tree = self.unary()
        while True:
            sign = self.peek()
            if sign in ("*", "/"):
                tree = (self.take(), tree, self.unary())
            elif sign == "(" or sign[:1].isalnum() or (sign and sign[0] in "._"):
                tree = ("*", tree, self.power())
            else:
                return tree

    def unary(self) -> Tree:
        minus = False
        while self.peek() in ("+", "-"):
            minus ^= self.take() == "-"
        tree = self.power()
        return ("neg", tree) if minus else tree

    def power(self) -> Tree:
        base = self.atom()
        if self.peek() not in ("^", "**"):
            return base
        self.take()
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise FormulaError("it is nested too deeply")
        tree = ("^", base, self.unary())
        self.depth -= 1
        return tree

    def atom(self) -> Tree:
        token = self.peek()
        if not token:
            raise FormulaError("it ends too early")
        if token[0].isdigit() or token[0] == ".":
            return ("number", Fraction(self.take()))
        if token in ("(", "|"):
            self.take()
            tree = self.sum()
            self.expect(")" if token == "(" else "|")
            return tree if token == "(" else ("call", "abs", (tree,))
        if token[0].isalpha() or token[0] == "_":
            return self.word(self.take())
        raise FormulaError(f"“{token}” stands where a number or a name must be")

    def word(self, name: str) -> Tree:
        if name in self.names or (name in CONSTANTS and self.peek() != "("):
            return ("name", name)
        if name not in FUNCTIONS:
            known = ", ".join(sorted(self.names)) or "none"
            raise FormulaError(f"there is no name “{name[:20]}” here (the names are {known})")
        if self.peek() != "(" and FUNCTIONS[name] == 1:
            return ("call", name, (self.power(),))  # ln x, √2
        self.expect("(")
        arguments = [self.sum()]
        while self.peek() == ",":
            self.take()
            arguments.append(self.sum())
        self.expect(")")
        if len(arguments) != FUNCTIONS[name]:
            raise FormulaError(f"{name} takes {FUNCTIONS[name]} argument{'s' * (FUNCTIONS[name] > 1)}")
        return ("call", name, tuple(arguments))
