"""Notes of any size for the benchmark: the same ones each time, in three ways of writing.

A section is a question with an answer of some 700 characters: paragraphs and lists, some bold
words; one in six shows a picture or a formula or code, one in twelve a table, some hold raw HTML.
"""

from __future__ import annotations

import random  # noqa: TID251  # seeded: the same notes each time
import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.pictures import a_photo

PER_FILE = 35
PICTURES = 40

_TERMS = (
    "自注意力", "交叉注意力", "位置编码", "层归一化", "残差连接", "混合专家", "知识蒸馏",
    "对比学习", "指令微调", "奖励模型", "梯度裁剪", "学习率预热", "检索增强", "思维链", "投机解码",
    "低秩适配", "视觉编码器", "图文对齐", "提示词", "词表", "缓存", "吞吐量", "显存", "Transformer",
    "CLIP", "LoRA", "BLIP-2", "LLaVA", "KV-cache", "FlashAttention", "RoPE", "ViT", "Q-Former",
    "softmax", "RLHF", "DPO", "batch", "token",
)  # fmt: skip
_SAYINGS = (
    "{a}把输入投到同一个空间，再由{b}决定保留哪些信息，因此训练更稳定。",
    "与{a}相比，{b}省下了大约 {n}% 的计算，但在长文本上需要额外的{c}。",
    "实践中常把{a}和{b}放在一起调：先固定{c}，再看损失是否下降。",
    "In practice {a} is limited by memory rather than by compute, so {b} helps more than {c}.",
    "When {a} drifts, measure {b} first; *most* surprises come from {c}.",
    "如果{a}出现震荡，先检查{b}的取值范围，再考虑减小{c}。",
)
_ASKING = (
    "{a}是如何影响{b}的？", "为什么在{a}里要用{b}？", "{a}和{b}有什么区别？", "如何调试{a}的{b}？",
    "{a}的显存占用怎样估算？", "What does {a} gain from {b}?",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """A question and its answer in Markdown."""

    question: str
    answer: str


def items(count: int) -> list[Item]:
    """Return *count* items, the same each time."""
    chance = random.Random(7)
    return [_item(number, chance) for number in range(count)]


def _item(number: int, chance: random.Random) -> Item:
    question = f"{_filled(chance.choice(_ASKING), chance)}（{number}）"
    parts = ["".join(_said(chance) for _ in range(3)) for _ in range(chance.randint(1, 4))]
    parts.append("\n".join(f"- **{chance.choice(_TERMS)}**：{_said(chance)}" for _ in range(3)))
    kind = chance.randrange(24)
    if kind < 4:
        parts.append(f"![{chance.choice(_TERMS)}](imgs/p{chance.randrange(PICTURES)}.png)")
    elif kind < 8:
        parts.append(
            f"$$\n\\sum_{{i=1}}^{{{number}}} x_i^2 \\le \\|W\\|_F$$\n\n其中 $x_i$ 是输入。"
        )
    elif kind < 12:
        parts.append(f"```python\n{_code(number, chance)}```")
    elif kind < 14:
        rows = "\n".join(f"| {chance.choice(_TERMS)} | {n * number % 97} |" for n in range(4))
        parts.append(f"| 方法 | 值 |\n|:--|--:|\n{rows}")
    elif kind < 16:
        parts.append(f"<b>注意</b>：{_said(chance)}<br>第 {number} 点。")
    return Item(question, "\n\n".join(parts))


def _filled(template: str, chance: random.Random) -> str:
    a, b, c = chance.sample(_TERMS, 3)
    return template.format(a=a, b=b, c=c, n=chance.randrange(100))


def _said(chance: random.Random) -> str:
    return _filled(chance.choice(_SAYINGS), chance)


def _code(number: int, chance: random.Random) -> str:
    lines = [f"def step_{number}(x, scale={chance.randrange(9)}):"]
    lines += [f"    x = x @ w{n} + {chance.random():.3f}  # {_TERMS[n]}" for n in range(6)]
    return "\n".join([*lines, '    return {"x": x, "n": len(x)}', ""])


# Ways of writing them ------------------------------------------------------------------------


def write_notes(folder: Path, written: list[Item]) -> None:
    """Write interview notes: a contents list, headings in HTML, pictures beside."""
    for at, part in _files(written):
        named = [(f"{n}.{one.question}", one.answer) for n, one in enumerate(part, 1)]
        contents = "".join(f"- [{title}](#{title})\n" for title, _ in named)
        sections = "".join(f'<h2 id="{t}">{t}</h2>\n\n{answer}\n\n' for t, answer in named)
        _put(folder / f"part{at:05}.md", f"# 目录\n\n{contents}\n{sections}")
    _write_pictures(folder / "imgs")


def write_for_ankdown(folder: Path, written: list[Item]) -> None:
    """Write cards with a ``%`` before the answer and a rule after it."""
    for at, part in _files(written):
        cards = "---\n".join(f"{one.question}\n\n%\n\n{one.answer}\n" for one in part)
        _put(folder / f"part{at:05}.md", cards)
    _write_pictures(folder / "imgs")


def write_for_ankivalenz(folder: Path, written: list[Item]) -> None:
    """Write lists of ``question ?:: answer``, which has one line there and is less work."""
    _put(folder / "ankivalenz.json", '{"deck_id": 1714486828, "deck_name": "Bench"}')
    for at, part in _files(written):
        lines = "".join(f"- {one.question} ?:: {_one_line(one.answer)}\n" for one in part)
        _put(folder / f"part{at:05}.md", f"# Part {at}\n\n{lines}")
    _write_pictures(folder / "imgs")


def _one_line(answer: str) -> str:
    return re.sub(r"\s+", " ", answer.replace("```", " "))


def _files(written: list[Item]) -> list[tuple[int, list[Item]]]:
    starts = range(0, len(written), PER_FILE)
    return [(at // PER_FILE, written[at : at + PER_FILE]) for at in starts]


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _write_pictures(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(PICTURES):
        a_photo(200 + number, 150 + number).save(folder / f"p{number}.png")
