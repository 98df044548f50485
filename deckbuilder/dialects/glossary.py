"""Glossaries and lists of words, in a file that is made of them: each term is a card.

# Glossary                              | Word | Meaning |
                                        |------|---------|
- **Page**: a fixed piece of memory.    | page | 页      |
- Frame – a place for a page.

What is no table has to stand below a heading that says so, or to be all that a file holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import compress

from deckbuilder.characters import regex
from deckbuilder.dialects.blocks import Card, end, end_after, length, paragraph
from deckbuilder.dialects.definitions import cards_of_terms
from deckbuilder.dialects.tables import cards_of, column
from deckbuilder.inline import split_lines, text_lines, text_token
from deckbuilder.markdown import (
    LISTS,
    Token,
    as_blocks,
    as_list,
    block_end,
    blocks_in,
    is_paragraph,
    items,
    lines_of,
    plain_text,
    table_rows,
)

_LEAST = 3
_HEADING = regex(
    r"\b(?:glossary|vocab(?:ulary)?|terminology|(?:key\s+)?terms|definitions|words|word\s*list|"
    r"vokabeln?|glossar|glossaire|vocabulaire|glosario|vocabulario|glossário|vocabulário|словарь|"
    r"термины|wortschatz|mots|palabras|từ\s+vựng)\b|名词解释|术语|词汇|单词|生词|词表|"
    r"單字|單詞|詞彙|単語|語彙|用語|단어|어휘|용어|คำศัพท์|शब्दावली|مفردات|واژگان|אוצר\s+מילים",
    re.IGNORECASE,
)
_TERM_COLUMN = regex(
    r"\W*(?:words?|terms?|vocabulary|expressions?|phrases?|acronyms?|abbreviations?|"
    r"mots?|termes?|wort|wörter|begriffe?|vokabeln?|palabras?|t[ée]rminos?|palavras?|termos?|"
    r"parol[ae]|слов[оа]|термины?|từ(?:\s+vựng)?|单词|术语|词语|词汇|名词|缩写|英文|英语|"
    r"單字|單詞|詞彙|単語|言葉|語彙|用語|단어|어휘|용어|คำศัพท์|शब्द|(?:ال)?كلمة|واژه|מילה)\W*",
    re.IGNORECASE,
)
_MEANING_COLUMN = regex(
    r"\W*(?:meanings?|definitions?|translations?|descriptions?|explanations?|full\s+form|"
    r"sens|significations?|traductions?|définitions?|bedeutung(?:en)?|übersetzung(?:en)?|"
    r"significados?|traducci[óo]n|definici[óo]n|tradução|definição|significato|traduzione|"
    r"значени[ея]|перевод|определени[ея]|nghĩa|释义|含义|定义|解释|意思|中文|翻译|说明|全称|"
    r"意味|意義|訳|뜻|의미|ความหมาย|अर्थ|(?:ال)?معنى|معنی|משמעות|פירוש|תרגום)\W*",
    re.IGNORECASE,
)
_PARTED = regex(r"(\s*[(（][^()（）]{1,80}[)）])?\s*(?:[:：=]|[-–—]+(?=\s))\s*")
"""What stands between a marked term, or what it stands for in brackets, and its meaning."""
_MARKS = {"strong_open", "em_open", "link_open", "code_inline"}
"""What a marked term begins with."""
_PLAIN = regex(r"([^:：=。;；]{1,40}?)(?:：|:\s+|\s+(?:=|[-–—]+)\s+)(?=\S)")
"""A term without a mark, and what parts it from its meaning."""
_MANY = 5
_DASHED = regex(r"[^\s:：][^:：\n]{0,40}? (?:=|[-–—]+) \S")
"""A line of a file that needs no heading to say that it is a list of words."""
_LANGUAGE = regex(
    r"english|englisch|anglais|inglés|inglese|inglês|английский|german|deutsch|allemand|alemán|"
    r"french|français|französisch|francés|spanish|español|spanisch|espagnol|italian|italiano|"
    r"italienisch|portuguese|português|russian|русский|dutch|nederlands|polish|polski|turkish|"
    r"türkçe|swedish|svenska|greek|latin|arabic|hebrew|chinese|chinesisch|japanese|korean|"
    r"[汉中英法德日韩俄]语|[中英法德日韩俄]文|西班牙语|日本語|英語|한국어|영어",
    re.IGNORECASE,
)
"""What columns are called by that say the same in two languages."""


def glossary(tokens: list[Token], known: bool) -> list[Token] | None:
    """Return *tokens* with terms as questions, or None where other text outweighs them."""
    blocks = blocks_in(tokens)
    words = _only_words(tokens)
    named = [words or here for here in _named(blocks)]
    sizes = [0 if block[0].type == "heading_open" else length(block) for block in blocks]
    if not (known or _outweigh(sizes, named)):
        return None
    cards = [list(_cards(block)) for block in blocks]
    if not (any(cards) if known else _are_terms(blocks, sizes, cards, named)):
        return None
    parts = (found or block for found, block in zip(cards, blocks, strict=True))
    return [token for part in parts for token in part]


def _named(blocks: Sequence[Sequence[Token]]) -> Iterator[bool]:
    """Yield for each block whether the heading above it, or its columns, say that it has terms."""
    scope = 9
    for block in blocks:
        if block[0].type == "heading_open":
            level = int(block[0].tag[1])
            named = _HEADING.search(plain_text(block[1].children))
            scope = scope if level > scope else level if named else 9
            yield False
        else:
            yield scope < 9 or (block[0].type == "table_open" and min(_columns(block)) >= 0)


def _outweigh(sizes: Sequence[int], chosen: Sequence[object]) -> bool:
    """Return whether a file holds little but the blocks that are *chosen*, by their *sizes*."""
    return sum([*compress(sizes, chosen)]) * 4 >= sum(sizes) * 3


def _are_terms(
    blocks: Sequence[Sequence[Token]],
    sizes: Sequence[int],
    cards: Sequence[Sequence[Token]],
    named: Sequence[bool],
) -> bool:
    """Return whether a file holds little but terms where it says so; *cards* are of each block.

    A list right below a term goes on with its meaning.
    """
    terms = 0
    inside: list[bool] = []
    for block, found, here in zip(blocks, cards, named, strict=True):
        goes_on = block[0].type in LISTS and inside[-1:] == [True]
        inside.append(here and (bool(found) or goes_on))
        terms += here and sum(token.meta.get("unit") == "question" for token in found)
    return terms >= _LEAST and _outweigh(sizes, inside)


def _only_words(tokens: Sequence[Token]) -> bool:
    """Return whether a file has no headings, and no line without a dash between two sides."""
    if any(token.type == "heading_open" for token in tokens):
        return False
    lines = text_lines(tokens)
    return len(lines) >= _MANY and all(map(_DASHED.match, lines))


def _cards(block: Sequence[Token]) -> Iterator[Token]:
    """Yield the cards of a block; nothing where it holds none."""
    if block[0].type == "table_open":
        yield from _of_table(block) or ()
    elif block[0].type in LISTS:
        yield from _of_list(block)
    elif block[0].type == "dl_open":
        yield from cards_of_terms(block)
    elif is_paragraph(block):
        for entry in _of_paragraph(block):
            yield from entry.blocks()


def _of_paragraph(block: Sequence[Token]) -> Sequence[Card]:
    """Return the lines of a paragraph, if each is a term, or what it says of a marked one."""
    first, _ = lines_of(block[0])
    lines = split_lines(block[1].children)
    marked = [line[0].type in _MARKS for line in lines]
    if len(lines) > 1 and len({*marked}) == 1:
        found = [_card(line, (at, at + 1)) for at, line in enumerate(lines, first)]
        entries = [card for card in found if card]
        if len(entries) == len(lines):
            return entries
    entry = _card(block[1].children or [], lines_of(block[1])) if any(marked[:1]) else None
    return [entry] if entry else []


def _of_table(table: Sequence[Token]) -> list[Token] | None:
    """Return the rows of a table as cards: by the names of its columns, or if it has but two."""
    term, meaning = _columns(table)
    if term < 0 and meaning < 0 and [len(row) for row in table_rows(table)[:1]] == [2]:
        term, meaning = 0, 1
    return cards_of(table, term, meaning) if term >= 0 and meaning >= 0 else None


def _columns(block: Sequence[Token]) -> tuple[int, int]:
    """Return which columns of a table are called terms and meanings; -1 for none."""
    head, *_ = table_rows(block)
    term, meaning = column(head, _TERM_COLUMN), column(head, _MEANING_COLUMN)
    if min(term, meaning) < 0 and column(head, _LANGUAGE) == 0:
        other = column(head[1:], _LANGUAGE) + 1
        return 0, meaning if meaning > 0 else other or -1
    return term, meaning


def _of_list(block: Sequence[Token]) -> Iterator[Token]:
    """Yield the items of a list as cards, if most of them are terms; others are on none."""
    whole = items(block)
    entries = [_entry(item[1:-1]) for item in whole]
    if entries.count(None) * 5 > len(entries):
        return
    for entry, item in zip(entries, whole, strict=True):
        if entry:
            yield from entry.blocks()
        else:
            yield from (*end(lines_of(item[0])), *as_list(item, block))
    yield from end_after(lines_of(block[0]))


def _entry(blocks: Sequence[Token]) -> Card | None:
    """Return the term that begins an item and its meaning."""
    if not blocks or blocks[0].type != "paragraph_open":
        return None
    return _card(blocks[1].children or [], lines_of(blocks[1]), as_blocks(blocks[3:]))


def _card(
    children: Sequence[Token], lines: tuple[int, int], below: Sequence[Token] = ()
) -> Card | None:
    """Return a term and what is said of it beside and *below* it."""
    if found := _marked(children) or _plain(children):
        term, said = found
        if meaning := [*paragraph(said, lines), *below]:
            return Card(term, meaning, lines)
    return None


def _marked(children: Sequence[Token]) -> tuple[list[Token], list[Token]] | None:
    """Return a term that is marked as such, and what is said of it."""
    if not children or children[0].type not in _MARKS:
        return None
    stop = block_end(children, 0)
    term, after = list(children[:stop]), list(children[stop:])
    last = max(i for i, token in enumerate(term) if token.content or i == 0)
    if term[last].content.endswith((":", "：")):  # the colon is bold, too
        if term[last].type == "text":
            term[last] = term[last].copy(content=term[last].content.rstrip(" :："))
        return term, after
    begins = _PARTED.match(after[0].content) if after and after[0].type == "text" else None
    if begins is None:
        return None
    term += [text_token(begins[1])] if begins[1] else ()
    return term, [after[0].copy(content=after[0].content[begins.end() :]), *after[1:]]


def _plain(children: Sequence[Token]) -> tuple[list[Token], list[Token]] | None:
    """Return a term of plain text, and what is said of it."""
    first = children[0] if children else Token("", "", 0)
    found = _PLAIN.match(first.content) if first.type == "text" else None
    if found is None:
        return None
    rest = first.copy(content=first.content[found.end() :])
    return [first.copy(content=found[1])], [rest, *children[1:]]
