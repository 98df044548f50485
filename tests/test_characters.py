"""Expressions that are made when they are first asked."""

from __future__ import annotations

import re
from unittest.mock import Mock

import pytest

from deckbuilder.characters import regex


def test_an_expression_is_made_when_it_is_first_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Mock(wraps=re.compile)
    monkeypatch.setattr("deckbuilder.characters.re.compile", made)
    word = regex(r"[a-z]+", re.IGNORECASE)
    assert word.pattern == "[a-z]+"
    made.assert_not_called()
    assert [word.findall("One two"), word.findall("THREE")] == [["One", "two"], ["THREE"]]
    made.assert_called_once_with("[a-z]+", re.IGNORECASE)
