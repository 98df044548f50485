"""Diagrams drawn from text: readable, safe, the same each time."""
# ruff: noqa: E501  (diagrams are read best on a line of their own)

from __future__ import annotations

import sys

import pytest
from lxml import etree

from deckbuilder.model import Unresolved
from deckbuilder.pictures.diagrams import MAX_CODE_CHARS, draw
from tests.support.limits import within
from tests.support.process import printed

FLOW = "graph TD\nA[输入数据] --> B{是否需要预处理}\nB -->|是| C[图像编码]\nB -->|否| D[输出]\n"

KINDS = {
    "flowchart": FLOW,
    "flowchart LR": 'flowchart LR\nA("圆角") ==> B[[子程序]] -.-> C[(数据库)]\nsubgraph 组\nB\nend\n',
    "sequence": "sequenceDiagram\nparticipant U as 用户\nU->>M: 提问\nNote over U,M: 说明\nM-->>U: 回答\n",
    "class": "classDiagram\nclass 编码器 {\n+int 层数\n+forward() 特征\n}\n编码器 <|-- ViT : 继承\n",
    "state": "stateDiagram-v2\n[*] --> 预训练\n预训练 --> 微调 : 数据\n微调 --> [*]\n",
    "er": 'erDiagram\n用户 ||--o{ 对话 : 发起\n对话 { int id PK\n string 内容 "文本" }\n',
    "gantt": "gantt\ntitle 计划\ndateFormat YYYY-MM-DD\nsection 数据\n收集 :a1, 2024-01-01, 30d\n",
    "pie": 'pie title 构成\n"图文" : 60\n"文本" : 40\n',
    "mindmap": "mindmap\n  root((模型))\n    视觉\n    语言\n",
    "timeline": "timeline\n  title 历史\n  2021 : CLIP\n  2023 : LLaVA 视觉\n",
    "git": 'gitGraph\ncommit id: "初始"\nbranch dev\ncommit\n',
    "quadrant": "quadrantChart\ntitle 比较\nx-axis 低 --> 高\ny-axis 差 --> 好\nA: [0.3, 0.6]\n",
    "xychart": 'xychart-beta\ntitle "损失"\nx-axis [a, b]\ny-axis 0 --> 4\nline [3, 2]\n',
    "journey": "journey\ntitle 推理\nsection 输入\n上传: 5: 用户\n",
    "block": 'block-beta\ncolumns 2\na["图像"] b["文本"]\n',
    "kanban": "kanban\n待办\n  t1[数据]\n",
    "sankey": "sankey-beta\n图像,编码器,10\n编码器,输出,10\n",
    "packet": 'packet-beta\n0-15: "端口"\n',
    "architecture": "architecture-beta\nservice db(database)[数据库]\nservice s(server)[推理]\ndb:L -- R:s\n",
    "c4": 'C4Context\ntitle 系统\nPerson(u, "用户")\nSystem(s, "模型")\nRel(u, s, "使用")\n',
    "requirement": "requirementDiagram\nrequirement 需求 {\nid: 1\ntext: 快\n}\n",
}


def drawn(code: str) -> etree._Element:
    result = draw(code)
    assert isinstance(result, bytes), result
    return etree.fromstring(result)


def words(root: etree._Element) -> str:
    """Return the text that is shown, without blanks (a label may be cut into lines)."""
    shown = root.iter("{http://www.w3.org/2000/svg}text")
    return "".join("".join(map(str, text.itertext())) for text in shown).replace(" ", "")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_with_its_labels(kind: str) -> None:
    root = drawn(KINDS[kind])
    assert float(root.get("width", "0")) > 20
    assert float(root.get("height", "0")) > 20
    assert any("\u4e00" <= letter <= "\u9fff" for letter in words(root))


def test_no_label_of_a_flow_chart_is_lost() -> None:
    text = words(drawn(FLOW))
    for label in ("输入数据", "是否需要预处理", "图像编码", "输出", "是", "否"):
        assert label in text


def test_long_chinese_labels_are_wrapped_and_whole() -> None:
    label = "这是一个非常长的标签，用来检查没有空格的中文是否会换行而不会被截断，应该完整显示出来"
    root = drawn(f'graph TD\nA["{label}"] --> B\n')
    assert label in words(root)
    assert float(root.get("width", "0")) < 400


def test_the_picture_brings_its_own_light_ground() -> None:
    root = drawn(FLOW)
    ground = root[0]
    assert etree.QName(ground).localname == "rect"
    assert "fill:#ffffff" in ground.get("style", "")
    x, y, width, height = (float(part) for part in root.get("viewBox", "").split())
    assert [float(ground.get(key, "nan")) for key in ("x", "y", "width", "height")] == [
        x,
        y,
        width,
        height,
    ]
    assert (float(root.get("width", "0")), float(root.get("height", "0"))) == (width, height)


@pytest.mark.parametrize(
    "own",
    [
        "%%{init: {'theme': 'dark'}}%%\n",
        '%%{init: {"theme":"dark"}}%%\n',
        "---\nconfig:\n  theme: dark\n---\n",
    ],
)
def test_an_author_s_dark_theme_stands_on_a_dark_ground(own: str) -> None:
    root = drawn(own + FLOW)
    assert "fill:#ffffff" not in root[0].get("style", "")
    assert "输入数据" in words(root)


def test_a_title_in_front_keeps_our_look() -> None:
    root = drawn("---\ntitle: 架构图\n---\n" + FLOW)
    assert "架构图" in words(root)
    assert b"#e3f2fd" in etree.tostring(root)


def test_generic_fonts_only() -> None:
    result = draw(FLOW)
    assert isinstance(result, bytes)
    assert b"sans-serif" in result
    assert b"@font-face" not in result
    assert b"foreignObject" not in result


@pytest.mark.parametrize(
    "code",
    [
        'graph TD\nA["<script>alert(1)</script>"] --> B\n',
        "graph TD\nA[\"<img src=x onerror='alert(1)'>\"] --> B\n",
        'graph TD\nA --> B\nclick A "javascript:alert(1)"\n',
        'graph TD\nA --> B\nclick A href "https://evil.example/" _blank\n',
        "graph TD\nA --> B\nclick A call alert(1)\n",
        "graph TD\nA --> B\nstyle A fill:url(https://evil.example/x)\n",
        "graph TD\nA --> B\nclassDef x fill:red,background:url(https://evil.example/)\nclass A x\n",
        '%%{init: {"themeCSS": "@import \'https://evil.example/x.css\';"}}%%\ngraph TD\nA --> B\n',
        '%%{init: {"securityLevel": "loose", "htmlLabels": true}}%%\ngraph TD\nA["<b onclick=alert(1)>x</b>"]\n',
        '%%{init: {"fontFamily": "x;} @import url(https://evil.example/);"}}%%\ngraph TD\nA --> B\n',
        'graph TD\nA@{ img: "https://evil.example/x.png", label: "x" }\n',
        "sequenceDiagram\nparticipant A\nlink A: x @ javascript:alert(1)\nA->>B: y\n",
    ],
)
def test_what_diagrams_may_carry_is_cleaned(code: str) -> None:
    result = draw(code)
    if isinstance(result, bytes):
        root = etree.fromstring(result)
        for element in root.iter():
            assert etree.QName(element).localname not in (
                "script",
                "foreignObject",
                "iframe",
                "img",
            )
            for name, value in element.attrib.items():
                assert not str(name).lower().startswith("on")
                assert "evil" not in str(value)
                assert "javascript:" not in str(value)
        styles = "".join(map(str, root.itertext("{http://www.w3.org/2000/svg}style")))
        assert "url(https" not in styles
        assert "@import" not in styles


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("graph TD\nA[unclosed --> B\n", "nterminated"),
        ("noSuchDiagram\n a b\n", "type"),
        ("graph TD\n" + "A-->B\n" * 5000, str(MAX_CODE_CHARS)),
        ("graph TD\n" + "".join(f"subgraph s{n}\n" for n in range(500)) + "end\n" * 500, "limit"),
        ("graph TD\n" + "".join(f"r-->n{n}\n" for n in range(1500)), "limit"),
    ],
    ids=["nothing", "blank", "unclosed", "unknown", "long", "deep", "wide"],
)
def test_what_cannot_be_drawn_says_why_on_one_line(code: str, why: str) -> None:
    with within(10):
        result = draw(code)
        assert isinstance(result, Unresolved)
        assert result.code == "diagram-failed"
        assert why in result.message
        assert "\n" not in result.message


def test_where_the_engine_is_missing_a_diagram_stays_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mmdr", None)
    result = draw(FLOW)
    assert isinstance(result, Unresolved)
    assert result.code == "diagram-failed"
    assert "not installed" in result.message


def test_the_same_text_gives_the_same_bytes_in_every_process() -> None:
    code = f"import sys; from deckbuilder.pictures.diagrams import draw; sys.stdout.buffer.write(draw({FLOW!r}))"
    first, second = (printed("-c", code, PYTHONHASHSEED=seed).encode() for seed in ("1", "2"))
    assert first == second == draw(FLOW)
