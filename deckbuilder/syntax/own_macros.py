r"""Macros that an author defines: worked into the formulas of the same file.

$$\newcommand{\R}{\mathbb{R}} \DeclareMathOperator{\rank}{rank}$$

Anki's MathJax would keep a definition for the cards that come next (fact 64), and each card is
alone. Definitions stand in formulas, or begin a paragraph, which goes if it holds nothing else; of
several of a name the last one above a formula counts, and above all of them the first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from deckbuilder.characters import regex
from deckbuilder.syntax.math import FORMULAS

_DEFINITION = regex(
    r"\\(newcommand|renewcommand|providecommand|def|DeclareMathOperator)(\*?)\s*"
    r"(?:\{\s*\\([A-Za-z]+)\s*\}|\\([A-Za-z]+))\s*"
    r"(?:\[([1-9])\]\s*(?:\[([^\[\]]*)\]\s*)?)?((?:#[1-9])*)\s*(?=\{)"
)
_CONTROL = regex(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
_ARGUMENT = regex(r"\s*(\\(?:[A-Za-z]+|.)|[^}])", re.DOTALL)
_OPTION = regex(r"\s*\[([^\[\]]*)\]")
_PARAMETER = regex(r"(?<!\\)(#[1-9])")
_BRACE = regex(r"\\.|[{}]", re.DOTALL)
_MAY_TAKE = regex(r"[\w}^]\s*\Z")
"""What may take what comes next as an argument, and of more pieces than one only the first."""
_WHOLE = regex(
    r"(?:\\[A-Za-z]+|.)\Z|\{|\\(?:operatorname|math(?:op|rel|bin)|overset|underset|stackrel)\b"
    r"|(?s:.*)(?:\\(?:begin|end|left|right)\b|&|\\\\)"
)
"""One piece already, or pieces whose place or spacing braces would change."""
_ENDS_IN_NAME = regex(r"\\[A-Za-z]+\Z")
_MOST, _LONGEST = 20_000, 10_000
"""Macros in a file that are worked in, and characters of a formula: what takes more stays."""


class _Macro(NamedTuple):
    arguments: int
    default: str | None
    """Of the first argument, where that may be left out."""
    body: str


_Definitions = tuple[str, dict[str, _Macro]]
"""A text without its definitions, and the macros by name."""


class _Macros:
    """What a file defines, and what of it counts at the place that is being read."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        every = (one for token in tokens for one in (token, *(token.children or ())))
        self.defined = {id(one): _definitions(one.content) for one in every if _may_define(one)}
        self.known: dict[str, _Macro] = {}
        for _, found in reversed(self.defined.values()):
            self.known |= found
        self.left = _MOST

    def taken_from(self, token: Token) -> str:
        """Return the text of a token without its definitions, which are known from now on."""
        rest, found = self.defined[id(token)]
        self.known |= found
        return rest

    def work_in(self, formula: Token) -> bool:
        """Write out the macros of a formula; return whether it is more than definitions."""
        if len(formula.content) <= _LONGEST:
            text = self.taken_from(formula)
            formula.content = self._written_out(text) if self.known else text
        return bool(formula.content.strip())

    def _written_out(self, formula: str) -> str:
        """Return a formula without macros of the author's, or as it is where that cannot be."""
        text, at = formula, 0
        while found := _CONTROL.search(text, at):
            at = found.end()
            if macro := self.known.get(found[0][1:]):
                taken = _arguments(text, at, macro)
                if taken is None:
                    return formula
                arguments, end = taken
                before, body = text[: found.start()], _filled(macro.body, arguments)
                if _MAY_TAKE.search(before[-40:]) and not _WHOLE.match(body):
                    body = f"{{{body}}}"
                text = _joined(_joined(before, body), text[end:])
                at = found.start()
                self.left -= 1
            if self.left < 0 or len(text) > _LONGEST:
                return formula
        return text


def _may_define(token: Token) -> bool:
    if token.type == "inline":
        return _DEFINITION.match(token.content) is not None
    return token.type in FORMULAS


def own_macros(state: StateCore) -> None:
    """Write out the author's macros in all formulas; what only defined one goes."""
    tokens = state.tokens
    macros = _Macros(tokens)
    state.tokens = []
    for index, token in enumerate(tokens):
        if token.type in FORMULAS and not macros.work_in(token):
            continue
        if token.children:
            token.children = _worked_into(token, macros)
            if not token.children:
                for around in tokens[index - 1 : index + 2 : 2]:
                    around.hidden = True
        state.tokens.append(token)


def _worked_into(inline: Token, macros: _Macros) -> list[Token]:
    """Return the children of a line; none where it holds nothing but definitions."""
    if _may_define(inline) and not macros.taken_from(inline).strip():
        return []
    children = inline.children or []
    return [one for one in children if one.type not in FORMULAS or macros.work_in(one)]


# TeX -------------------------------------------------------------------------------------------


def _definitions(text: str) -> _Definitions:
    """Return *text* without its definitions, and the macros by name; the last of a name counts."""
    known: dict[str, _Macro] = {}
    parts: list[str] = []
    end = 0
    while found := _DEFINITION.search(text, end):
        body = _group(text, found.end())
        if body is None:
            break
        parts.append(text[end : found.start()])
        end = found.end() + len(body) + 2
        kind, star, name, bare_name, count, default, parameters = found.groups()
        if kind == "DeclareMathOperator":
            body = f"\\operatorname{star}{{{body}}}"
        arguments = int(count or len(parameters) // 2)
        known[name or bare_name] = _Macro(arguments, default, body)
    return "".join([*parts, text[end:]]), known


def _arguments(text: str, at: int, macro: _Macro) -> tuple[list[str], int] | None:
    """Return the arguments that begin at *at*, and where they end; None where they are missing."""
    arguments: list[str] = []
    while len(arguments) < macro.arguments:
        if macro.default is not None and not arguments:
            option = _OPTION.match(text, at)
            arguments.append(option[1] if option else macro.default)
            at = option.end() if option else at
            continue
        found = _ARGUMENT.match(text, at)
        inside = _group(text, found.end() - 1) if found and found[1] == "{" else None
        if found is None or (found[1] == "{" and inside is None):
            return None
        arguments.append(found[1] if inside is None else inside)
        at = found.end() if inside is None else found.end() + len(inside) + 1
    return arguments, at


def _group(text: str, start: int) -> str | None:
    """Return what stands in the braces that open at *start*, or None if they never close."""
    depth = 0
    for brace in _BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0:
            return text[start + 1 : brace.start()]
    return None


def _filled(body: str, arguments: Sequence[str]) -> str:
    """Return the body of a macro with *arguments* in the places of ``#1`` and so on."""
    filled = ""
    for part in _PARAMETER.split(body):
        at = int(part[1]) - 1 if _PARAMETER.fullmatch(part) else len(arguments)
        filled = _joined(filled, arguments[at] if at < len(arguments) else part)
    return filled


def _joined(before: str, after: str) -> str:
    """Return two pieces of TeX as one: a name does not take in the letters behind it."""
    apart = after[:1].isalpha() and _ENDS_IN_NAME.search(before[-40:])
    return f"{before} {after}" if apart else before + after
