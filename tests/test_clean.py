"""The clean rules, by their fixtures.

The input of a case is the body of a section; where it begins with a ``# heading``, it is a
whole file whose ``#`` headings are its questions. Expected is the HTML of the answer, under
``question: …`` where the input has headings, and what the rules found at the end:
``removed: answer-label 1, outer-rule 2``, left out where it is nothing.
"""

from __future__ import annotations

import pytest

from deckbuilder.clean import RULES, clean
from tests.support.fixtures import Case, cases, fixture_files, read_fixture
from tests.support.stages import as_sections, file_notes, rendered, without_language


def cleaned(text: str) -> tuple[str, dict[str, int]]:
    """Return what the cards show, and what the rules removed from all of them."""
    shown: list[str] = []
    removed: dict[str, int] = {}
    for section in as_sections(text):
        result, counts = clean(section)
        html = rendered(result)
        if text.startswith("# "):
            shown.append(f"question: {without_language(html.question)}")
        shown.append(without_language(html.answer))
        for name, count in counts.items():
            removed[name] = removed.get(name, 0) + count
    return "\n".join(filter(None, shown)), removed


@pytest.mark.parametrize("case", cases("clean"))
def test_a_rule_removes_what_its_fixture_says(case: Case) -> None:
    shown, removed = cleaned(case.input)
    counts = ", ".join(f"{name} {count}" for name, count in sorted(removed.items()))
    lines = list(filter(None, [shown, f"removed: {counts}" if counts else ""]))
    assert "\n".join(lines) + "\n" == case.expected


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_a_case_that_it_changes_and_one_that_it_leaves_alone(name: str) -> None:
    files = {path.stem: path for path in fixture_files("clean")}
    assert name in files, f"tests/fixtures/clean/{name}.md is missing"
    fires = {case: cleaned(case.input)[1].get(name, 0) > 0 for case in read_fixture(files[name])}
    misses = [case for case in fires if case.stays]
    assert misses, f"{name}: no case begins with 'stays:'"
    assert len(misses) < len(fires), f"{name}: no case shows what it removes"
    wrong = [case.id for case, fired in fires.items() if fired == case.stays]
    assert not wrong, f"{name} fires on a near miss, or not where it should: {wrong}"


def test_every_fixture_file_belongs_to_a_rule() -> None:
    assert {path.stem for path in fixture_files("clean")} <= set(RULES)


@pytest.mark.parametrize("case", cases("clean"))
def test_a_clean_section_has_nothing_left_to_clean(case: Case) -> None:
    for section in as_sections(case.input):
        once, _ = clean(section)
        twice, removed = clean(once)
        assert not removed
        assert rendered(twice) == rendered(once)


@pytest.mark.parametrize(
    "line",
    [
        "更新：每步改一次参数。",
        "更新时间：只在写入时改变。",
        "文档版本：每次发布都加一。",
        "如果样本太少，告诉我的只是噪声。",
        "如果我理解有误，请告诉我。",
        "如果追问，我可以讲残差。",
        "希望梯度不消失。",
        "注：本内容由 AI 生成，这样的标注必须显著。",
        "发布时间：2023年3月14日",
        "需要我补充项目的细节吗？",
        "点赞、收藏和关注各记一个数。",
        "用户关注公众号之后，服务器推送欢迎消息。",
        "公众号要靠持续更新留住人。",
    ],
)
def test_matter_that_ends_an_answer_is_neither_footer_nor_plea(line: str) -> None:
    [draft] = file_notes(f"# 什么是船？\n\n一种工具。\n\n{line}\n").drafts
    assert f"<p>{line}</p>" in draft.fields.answer
