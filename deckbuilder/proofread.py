"""What could be better about one section: formulas, tables, leftovers of markup, length.

A warning means that a card shows something other than what was written; what is only worth a
thought is a note, so that ``--strict`` stays usable. docs/problems.md explains every code.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from urllib.parse import unquote

from deckbuilder.characters import CJK, regex
from deckbuilder.inline import text_token, without_blanks
from deckbuilder.markdown import (
    BREAKS,
    LINES,
    Token,
    href_of,
    inline_text,
    lines_of,
    plain_text,
    top_blocks,
)
from deckbuilder.model import REAL_HEADINGS, Document, NoteKind, Rendered, Section, Skipped
from deckbuilder.problems import Location, Problem, note, shortened, warning
from deckbuilder.syntax.math import FORMULAS
from deckbuilder.syntax.pictures import MEDIA
from deckbuilder.syntax.shared import CODE_SPAN
from deckbuilder.wording import ANSWER_LABEL, QUERIES, QUESTION_LABEL

_OF_WORDS = {"glossary", "tabbed"}
LONG_ANSWER = 6000
"""Latin letters, a Chinese character counting as two: about four pages of a phone."""


def check_section(section: Section, rendered: Rendered, *, rule: str = "") -> Iterator[Problem]:
    """Yield what can be said of a cleaned section: formulas, tables, leftovers, length.

    *rule* is that of its file: by some, single words are what is asked for.
    """
    path, line = section.where.path, section.where.line
    question = Token("inline", "", 0, children=list(section.question))
    tokens = (question, *section.prompt, *section.answer)
    kinds = _worth_a_look(tokens, f"{rendered.question_text}\n{rendered.answer_text}")
    for token in tokens:
        if token.map:
            line = token.map[0] + 1
            if "cells" in token.meta:
                yield warning(
                    "table-cells", Location(path, line), _lost_cells(*token.meta["cells"])
                )
        parts = (token, *token.children) if token.children else (token,)
        for at, part in enumerate(parts):
            if part.type in kinds:
                for say, code, check in _CHECKS[part.type]:
                    if message := check(part, token.content):
                        yield say(code, Location(path, line + _breaks(parts[:at])), message)
    yield from _check_lost(section)
    yield from _check_length(section, rendered)
    if not section.prompt and rule not in _OF_WORDS and _says_little(rendered):
        message = f"the answer is only {shortened(rendered.answer_text)!r}"
        yield note("answer-short", section.where, message)


def _breaks(parts: Sequence[Token]) -> int:
    """Return how many lines of a block end in some of its inline tokens."""
    return sum(part.type in BREAKS for part in parts)


def _lost_cells(cells: int, columns: int) -> str:
    """Return what to say of a row with more cells than the head: Markdown leaves these out."""
    message = f"this row has {cells} cells, the header {columns}; the rest is lost"
    return f"{message}: write \\| for a bar inside a cell"


def _worth_a_look(tokens: Sequence[Token], seen: str) -> Set[str]:
    """Return the types of tokens in which something may be found; *seen* is what they show."""
    kinds: Set[str] = _CHECKS.keys()
    if not _may_be_left(seen):
        kinds -= {"text"}
    written = "\n".join([token.content for token in tokens if token.type == "inline"])
    if not (_MAY_BE_ELSEWHERE.search(written) or _CARD_MARK.search(written)):
        kinds -= {"inline"}
    return kinds


def _may_be_left(text: str) -> bool:
    """Return whether *text* holds characters that `_LEFT` wants: these are found far faster."""
    return any(map(text.__contains__, (*"*[]$<", "{{c")))


_LEFT = regex(
    r"(?<![*\\])\*\*(?=[^\s*])(?!\d)[^*]*|!\[[^\[\]]*\]\(|\]\((?:https?:|\.{0,2}/|#)[^)\s]*|"
    r"\$\$.{0,20}|(?<![!\w)\]])\[\[[^\[\]]+\]?|</?(?:h[1-6]|p|div|span|br|img|a|table|t[dr]|details|"
    r"summary|center|font|script|style)(?=[\s>/]|$)[^>]{0,20}|\{\{c\d[\d,]*[:：](?<!:(?=:))[^{}]*",
    re.IGNORECASE,
)


def _left_over(text: Token, written: str) -> str:
    """Return what to say of markup that a reader would see; what was escaped is meant to be."""
    if not _may_be_left(text.content):
        return ""
    found = _LEFT.search(text.content)
    if found is None or (written and not re.search(rf"(?<!\\){re.escape(found[0][:6])}", written)):
        return ""
    why = "a gap has two half-width colons, {{c1::…}}" if found[0][0] == "{" else _OPEN
    return f"the card shows {shortened(found[0])!r}: {why}"


_OPEN = "Markdown or HTML that is not closed"


_TAGS = regex(
    r"<(pre|script|style|textarea)\b.*?(?:</\1\s*>|\Z)|<[^<>]*>", re.DOTALL | re.IGNORECASE
)


def _left_in_html(block: Token, written: str) -> str:
    """Return what to say of Markdown in a block of HTML, where it is not read."""
    return _left_over(text_token(_TAGS.sub("", block.content)), "")


def _nameless(image: Token, written: str) -> str:
    if image.content or image.attrs.get("alt"):
        return ""
    return "this picture has no alternative text; write one between [ and ] for search and speech"


def _unbalanced(token: Token, written: str) -> str:
    """Return what does not match in a formula, or nothing."""
    formula = token.content
    bare = re.sub(r"\\\\|\\[{}]|(?<!\\)%.*", "", formula) if "\\" in formula else formula
    opened, closed = bare.count("{"), bare.count("}")
    if opened != closed:
        return f"this formula has {opened} {{ and {closed} }}; it shows as an error"
    if "\\" not in bare:
        return ""
    left, right = (len(re.findall(rf"\\{word}(?![a-zA-Z])", bare)) for word in ("left", "right"))
    if left != right:
        return f"this formula has {left} \\left and {right} \\right; it shows as an error"
    begun, ended = (re.findall(rf"\\{word}\{{([^}}]*)", bare) for word in ("begin", "end"))
    if Counter(begun) != Counter(ended):
        odd = sorted((Counter(begun) - Counter(ended)) + (Counter(ended) - Counter(begun)))
        return f"this formula begins or ends {odd[0]!r} only; it shows as an error"
    return ""


_ELSEWHERE = regex(
    rf"{CODE_SPAN}|!\[\[(?![^\[\]|]+{MEDIA}(?:[#|]|\]))([^\[\]#|]++)[^\[\]]*+\]\](?!\()"
    r"|\{\{\s*(?:\[\[)?(?:embed|query)[\]:]*\s+[(\[{]|\(\([0-9a-f]{8}-[0-9a-f-]{27}\)\)"
    r"|\{%-?\s*include|\{\{[<%]\s*(?:include|readfile|embed)\b"
    r"|^-{1,2}8<-{1,2}|^<<< *@?[./\w]|^@include\(|\[外链图片转存失败",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
"""Code; what other programs show text of another place for, or what they find there."""
_MAY_BE_ELSEWHERE = regex(r"!\[\[|\{[{%]|\(\(|8<|<<<|@|\[外链")
"""What all of these but code hold: most lines hold none of it."""


def _elsewhere(line: Token, written: str) -> str:
    """Return what to say of text that its own program takes from another place."""
    shown = plain_text(line.children)
    for found in _ELSEWHERE.finditer(written):
        if not found[1] and (found[2] or found[0]).strip()[:4] in shown:
            return f"{shortened(written[found.start() :])!r} {_NOT_HERE}"
    return ""


def _query(fence: Token, written: str) -> str:
    language = fence.info.partition(" ")[0]
    return f"what {language!r} finds {_NOT_HERE}" if language in QUERIES else ""


_NOT_HERE = "stands for text kept elsewhere, which the card does not show: write that text here"

_CARD_MARK = regex(
    r"::(?:(?<=[?？]::)|(?<=[?？] ::))(?!:?[\s:]*$)|"
    r"#(?<=\s#)(?:[Ff]lash)?[Cc]ard(?:[-/](?:reversed?|spaced))?(?: #\S+){0,9} ?$|"
    r"START(?<=^START)(?=\n\w)|\n[?？]{1,2}(?=\n)",
    re.MULTILINE,
)
"""What makes a card of a line in other programs, and nothing else does.

Each begins with a certain character: that is found fast."""


def _unread_mark(line: Token, written: str) -> str:
    """Return what to say of a mark by which other programs know a card, on one of another kind."""
    if not _CARD_MARK.search(written):
        return ""
    found = _CARD_MARK.search(inline_text(_beside_code(line.children)))
    if found is None:
        return ""
    return (
        f"by {shortened(found[0])!r} this is a card of its own in other programs, and here it is "
        "part of another: put a heading above it"
    )


_Check = tuple[Callable[[str, Location, str], Problem], str, Callable[[Token, str], str]]

_CHECKS: Mapping[str, tuple[_Check, ...]] = {
    "text": ((warning, "markup-left", _left_over),),
    "html_block": ((warning, "markup-left", _left_in_html),),
    "inline": ((warning, "text-elsewhere", _elsewhere), (warning, "marks-unused", _unread_mark)),
    "fence": ((warning, "text-elsewhere", _query),),
    "image": ((note, "image-alt", _nameless),),
    **dict.fromkeys(FORMULAS, ((warning, "math-unbalanced", _unbalanced),)),
}
"""Token type -> how and under which code to say what each check finds in it, as it was written."""


_LOST = regex(r"^[ \t]*(?:<!--\s*@include:|<image\s[^<>]*\btoken=)", re.MULTILINE)
"""What VitePress and Feishu have for text and pictures of other places; a card shows nothing."""


def _check_lost(section: Section) -> Iterator[Problem]:
    if "@include:" not in section.source and "<image" not in section.source:
        return  # found far faster than where a line begins
    for found in _LOST.finditer(section.source):
        line = section.where.line + section.source.count("\n", 0, found.start())
        message = f"{shortened(section.source[found.start() :])!r} {_NOT_HERE}"
        yield warning("text-elsewhere", Location(section.where.path, line), message)


def _check_length(section: Section, rendered: Rendered) -> Iterator[Problem]:
    if len(rendered.answer_text) * 2 < LONG_ANSWER:
        return
    size = _size(rendered.answer_text)
    if size < LONG_ANSWER:
        return
    places = [f"line {line} ({shortened(text)})" for line, text in _parts(section.answer)]
    hint = f"; it could be cut at {', '.join(places[:4])}" if len(places) > 1 else ""
    more = " and so on" if hint and len(places) > 4 else ""
    message = f"this answer has about {size // 6} words, a lot for one card{hint}{more}"
    yield note("answer-long", section.where, message)


def _size(text: str) -> int:
    return len(text) + sum("\u3400" <= char <= "\u9fff" for char in text)


def _parts(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """Yield line and text of the headings and bold lines of an answer."""
    for start, _ in top_blocks(tokens):
        if tokens[start].type in LINES:
            inline = tokens[start + 1]
            children = without_blanks(inline.children)
            bold = bool(children) and children[0].type == "strong_open"
            if tokens[start].type == "heading_open" or (bold and len(children) <= 4):
                yield lines_of(inline)[0] + 1, plain_text(inline.children)


_ONE_WORD = regex(rf"[^\W{CJK}]+|[{CJK}]{{1,2}}")
_MORE_TO_SEE = regex(r"<(?:img|video|audio|pre|table|li|code)\b|\[sound:|\\[(\[]")


def _says_little(rendered: Rendered) -> bool:
    """Return whether an answer is one word, and nothing else to look at."""
    if not 0 < len(rendered.answer_text) <= 30 or rendered.kind is NoteKind.CLOZE:
        return False
    answer = re.sub(r"[\W_]+$", "", rendered.answer_text.strip())
    if not _ONE_WORD.fullmatch(answer):
        return False
    return not _MORE_TO_SEE.search(rendered.answer)


_LEADS_AWAY = regex(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def links_of(section: Section) -> Iterator[tuple[int, str]]:
    """Yield line and target of the links of an uncleaned section that lead to files."""
    for token in (*section.prompt, *section.answer):
        children = token.children or ()
        for at, child in enumerate(children):
            if child.type == "link_open":
                written = href_of(child).partition("#")[0].partition("?")[0]
                target = unquote(written)
                if target and not _LEADS_AWAY.match(target.replace("\\", "/")):
                    yield lines_of(token)[0] + 1 + _breaks(children[:at]), target


# What is on no card ------------------------------------------------------------------------------

_GAP = regex(r"\{\{c\d+::")
_PAIR = regex(
    rf"^(?:{QUESTION_LABEL.pattern})[\s\S]{{0,2000}}?\s(?:{ANSWER_LABEL.pattern})",
    re.IGNORECASE | re.MULTILINE,
)


_OPEN_HTML = regex(
    r"\s*<(?:!--(?!.*-->)|(pre|script|style|textarea)\b(?!.*</\1\s*>))", re.DOTALL | re.IGNORECASE
)


def check_end(document: Document) -> Iterator[Problem]:
    """Yield a warning where what is never closed takes in the rest of a file."""
    last = document.tokens[-1] if document.tokens else None
    if last and "\n\n" in last.content.strip() and _is_open(last):
        message = (
            "what begins here is never closed, so the rest of the file is part of it and makes no "
            "cards of its own: close it"
        )
        yield warning("block-open", Location(document.file.path, lines_of(last)[0] + 1), message)


def _is_open(block: Token) -> bool:
    """Return whether a block of code or HTML has a beginning and no end."""
    start, stop = lines_of(block)
    if block.type == "fence":
        return stop - start < block.content.count("\n") + 2
    return block.type == "html_block" and _OPEN_HTML.match(block.content) is not None


def check_left_over(
    document: Document, skipped: Sequence[Skipped], *, level: int, made: bool
) -> Iterator[Problem]:
    """Yield what can be said of the text of a file that is on no card.

    *level* is the card_level that is set, *made* whether any other text is on a card.
    """
    left = [skip for skip in skipped if skip.is_missed]
    suspects = [skip for skip in left if _unused_marks(skip.text)]
    said = _without_code(document) if suspects else {}
    unused = list(_unused_answers(document))
    yield from unused
    silent = bool(made or unused) or any(skip.why == "card: skip" for skip in skipped)
    for skip in suspects:
        text = "\n".join([said.get(line, "") for line in skip.text.split("\n")])
        if message := _unused_marks(text):
            silent = True
            yield warning("marks-unused", Location(skip.path, skip.line), message)
    if left and not silent:
        where = Location(document.file.path, 1)
        yield note("no-questions", where, _no_questions(document, left, level))


def _unused_answers(document: Document) -> Iterator[Problem]:
    """Yield why questions make no cards though their answers are there."""
    for token in document.tokens:
        if "unused" in token.meta:
            line, why = token.meta["unused"]
            yield warning("answers-unused", Location(document.file.path, line), why)


def _without_code(document: Document) -> dict[str, str]:
    """Return the lines of a document as `Skipped` lists them, with what they say beside code."""
    inlines = [token.children for token in document.tokens if token.type == "inline"]
    return {plain_text(children): plain_text(_beside_code(children)) for children in inlines}


def _beside_code(children: Sequence[Token] | None) -> list[Token]:
    return [child for child in children or () if child.type != "code_inline"]


def _unused_marks(text: str) -> str:
    """Return what to say of marks of cards in text that is on none."""
    if _GAP.search(text):
        return "the {{c1::…}} here is on no card: put a heading above it"
    if _PAIR.search(text):
        return (
            "these labels of question and answer made no card: begin a line with each, text behind "
            "it, and write at least two such pairs, or put a heading above each question"
        )
    return ""


def _no_questions(document: Document, left: Sequence[Skipped], level: int) -> str:
    """Return why nothing of a file is on a card, and what to do."""
    levels = sorted({one.level for one in document.headings if one.kind in REAL_HEADINGS})
    if level and level not in levels:
        there = f"level {', '.join(map(str, levels))}" if levels else "no level"
        return f"card_level is {level}, and this file has headings of {there}: choose one of these"
    if any(skip.why == "no answer" for skip in left):
        return "no question of this file has an answer: write it below the question"
    return (
        "no question was found in this file: put a heading above each, or begin lines with "
        "Q: and A:"
    )
