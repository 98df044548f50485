"""The words by which authors mark questions, answers and scaffolding, in one place.

Every pattern is anchored and free of nested repetition, so none can run away on long lines.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from deckbuilder.characters import EMOJI, EMOJI_JOINTS, regex

# Labels in front of questions and answers ------------------------------------------------------

QUESTION_WORDS = (
    "Question|Ques|Q|Interviewer|Pregunta|Pergunta|Frage|Domanda|Vraag|Pytanie|Otázka|Вопрос|Питання|"
    "Fråga|Spørgsmål|Spørsmål|Soru|Pertanyaan|Câu\\s+hỏi|Câu(?=\\s*\\d)|Hỏi|คำถาม|ถาม|प्रश्न|"
    "سؤال|السؤال|سوال|پرسش|שאלה|질문|문제|質問|設問|面[试試]官(?:[追提]?[问問])?|面[试試][题題]|[题題]目|提[问問]|[问問][题題]|[问問]"
)
"""What stands in front of a question, with a number or without."""
FOREIGN_ANSWERS = (
    "r[eé]ponses?|corrigé|respuestas?|soluci(?:[oó]n|ones)|respostas?|solu[cç](?:ão|ões)|"
    "rispost[ae]|soluzion[ei]|antwort(?:en)?|lösung(?:en)?|antwoord(?:en)?|odpowied(?:ź|zi)|"
    "odpověď|ответы?|решени[ея]|відповід[ьі]|svar|cevap|yanıt|jawaban|trả lời|đáp(?: án)?|"
    "คำตอบ|ตอบ|เฉลย|उत्तर|(?:ال)?(?:إجابة|جواب)|پاسخ|תשובה|답변|정답|답|答え|正解"
)
"""What stands in front of an answer, or announces it."""
_EUROPEAN_SHOW = "ver|mostrar?|voir|afficher|vedi|zeige|показать|посмотреть|показати|pokaż|zobrazit"
_CORRECT = r"(?:(?:the\s+)?(?:correct|right|richtige|правильный)\s+)?"
_CORRECT_AFTER = r"(?:\s+corr(?:ecte?|ecta|eta|etta))?"

_SIGN = rf"(?:[{EMOJI}][{EMOJI}{EMOJI_JOINTS}\s]*+)?+"
"""Emoji that may stand before a label."""

NUMERALS = "零一二三四五六七八九十百"
"""What Chinese numbers are made of."""
NUMBER = rf"(?:\d{{1,4}}|[{NUMERALS}]{{1,4}})"
"""A number that counts questions."""
NUMBER_SIGN = r"(?:[-#.№]|n(?:[°º]|[or]\b[.:]?))"
"""What may stand before it: ``#3``, ``No. 3``, ``Nr. 3``."""

_TASKS = (
    r"exercises?|exercices?|ejercicios?|exercícios?|esercizi?o?|übung(?:saufgabe)?|aufgabe|"
    r"упражнение|задача|задание|练习题?|練習題?|习题|習題|思考题|思考題|연습\s?문제"
)
"""What tasks are called, in front of their numbers."""

_END_OF_BRACKET = r"\]?(?:(?<=\])\s*)?"
"""The end of the brackets that a label may stand in."""

TASK_LABEL = regex(
    rf"{_SIGN}(?:{_TASKS}|problem)\s*\d{{1,3}}(?:\.\d{{1,3}})*\s*(?:[:：]|[.、](?=[\s*_]))\s*",
    re.IGNORECASE,
)
"""``Exercise 2.1. …``: what a task begins with in running text."""

QUESTION_LABEL = regex(
    rf"{TASK_LABEL.pattern}|{_SIGN}(?:"
    rf"\[?(?:{QUESTION_WORDS})\s*(?:{NUMBER_SIGN}\s*)?(?:{NUMBER}\s*)?"
    rf"{_END_OF_BRACKET}(?:[:：]|[.、](?=\s)|(?<=[\d{NUMERALS}])(?:、|[)）](?=\s)))"
    rf"|【\s*(?:{QUESTION_WORDS})\s*+{NUMBER}?\s*+】\s*[:：]?"
    r")\s*",
    re.IGNORECASE,
)
"""``Q: …``, ``Question 3. …``, ``Q4) …``, ``Вопрос №3: …``, ``问题一：…``, ``【问题】…``."""


def starts_question_text(text: str) -> bool:
    """Return whether *text* begins with such a label, and says more."""
    label = QUESTION_LABEL.match(text)
    return label is not None and label.end() < len(text)


_CHINESE_KIND = "参考|正确|标准|满分|面试|示例"
_CHINESE_ANSWER = rf"(?:{_CHINESE_KIND})?(?:答案|解答|回答)"

_ANSWER_NAME = (
    rf"(?:Ans|Answer|Sol|Solution|答|解|{_CHINESE_ANSWER}|(?:{FOREIGN_ANSWERS}){_CORRECT_AFTER})"
)

ANSWER_LABEL = regex(
    rf"{_SIGN}\[?(?:"
    rf"(?:A\s*(?:[-#.]\s*)?\d{{1,4}}|{_CORRECT}{_ANSWER_NAME})\s*(?:[-#.]\s*)?"
    rf"(?:\d{{1,4}}\s*)?{_END_OF_BRACKET}(?:[:：]|[.、](?=[\s*_]))"
    r"|A\]?\s*[:：]"
    rf"|【\s*(?:{_CHINESE_ANSWER}|解)\s*】\s*[:：]?"
    r")\s*",
    re.IGNORECASE,
)
"""``A: …``, ``Correct answer: …``, ``答：…``, ``【答案】…``; ``A. …`` is a choice."""

EXPLANATION_LABEL = regex(
    r"(?:(?:Explanation|Rationale|解析|解释|分析|理由)\s*(?:[:：]|$)|【\s*(?:解析|详解|分析)\s*】)",
    re.IGNORECASE,
)
"""``解析：…``: what goes on to say why an answer is right."""

BLANK = regex(r"[(（]\s*[)）]|_{3,}")
"""What an examination leaves to be filled in."""

AFTER_LETTER = r"\s*[.．:：、)）]"
"""What stands between the letter of something to choose from and its text."""

LETTER = rf"(?:[A-H]{AFTER_LETTER}|[a-h]\s*[)）])"
"""Such a letter: ``A.``, ``a)``; a small one before a full stop may end a sentence."""

CHOICE = regex(rf"\W*{LETTER}")
"""A line that is one of several to choose from: ``A. red``."""

LETTERED = regex(rf"\W{{0,4}}([A-Ha-h]){AFTER_LETTER}\s*\S")
"""One that may be so in a row that begins with A: there ``a. red`` is one, too."""

_CHOICES = regex(rf"{_SIGN}A{AFTER_LETTER}(?:[^\S\n]*+|\s*+[^\n]*)\n\s*+{_SIGN}B{AFTER_LETTER}")


def starts_answer_text(text: str) -> bool:
    """Return whether *text* begins with an answer label, and not with a list of choices."""
    return bool(ANSWER_LABEL.match(text)) and not _CHOICES.match(text)


BARE_QUESTION = regex(
    rf"^\W*(?:(?:{QUESTION_WORDS}|Problem|题|(?:flash)?card|卡片|カード)\s*(?:(?:{NUMBER_SIGN}|[:：])\s*)?{NUMBER}|"
    rf"第\s*{NUMBER}\s*[题问])"
    r"(?:\W+(?:beginner|intermediate|advanced|basic|easy|medium|hard|junior|senior|初级|中级|高级|简单|中等|困难))?\W*$",
    re.IGNORECASE,
)
"""A heading that only counts the question below it: ``Question 7``, ``Q1 - Basic``, ``第一题``."""

_COUNT = rf"\s*(?:[-#№.:：]\s*)?{NUMBER}(?:\.\d{{1,3}})*\b"
EXERCISE = regex(rf"^\W*(?:{_TASKS}){_COUNT}", re.IGNORECASE)
"""What a task is called, with its number: ``Exercise 2.1: Limits``."""
EXAMPLE = regex(
    rf"^\W*(?:examples?|exemples?|ejemplos?|exemplos?|esempi?o?|beispiel|пример|例题?|例題|예제){_COUNT}",
    re.IGNORECASE,
)
"""The same of what a text may solve itself: ``例题 3``."""

BARE_ANSWER = regex(
    r"^\W*(?:(?:the\s+|my\s+|sample\s+|short\s+|possible\s+|correct\s+|"
    r"(?:show|see|view|reveal|expand|hide|toggle|click|tap)\s+(?:here\s+)?(?:(?:to|for)\s+)?"
    r"(?:(?:see|show|view|reveal|expand)\s+)?(?:the\s+)?)?"
    r"(?:answers?|ans|solutions?|spoiler|explanation)|"
    rf"(?:(?:{_EUROPEAN_SHOW}|toon)\s+)?(?:(?:las?|as?|les?|il|die)\s+|l['’])?(?:{FOREIGN_ANSWERS})"
    rf"(?:{_CORRECT_AFTER}|\s+(?:anzeigen|einblenden|보기|확인))|"
    rf"(?:点击|单击)?(?:查看|展开|显示|点我)?(?:{_CHINESE_KIND}|详细)?(?:回答|答案|解答|解析|答))[^\w√×✓✗]*$",
    re.IGNORECASE,
)
"""A line that only announces the answer: ``Show answer``, ``Antwort anzeigen``, ``查看答案``."""

EXPLAINS = regex(r"(?:explanation|解析)\W*$", re.IGNORECASE)
"""The end of such a line that may as well stand below the answer."""

ANSWER_WORD = regex(
    rf"(?:(?:the|las?|as?|les?|il|die)\s+|l['’])?(?:answers?|solutions?|{FOREIGN_ANSWERS})|答案|回答",
    re.IGNORECASE,
)
"""What else such a line may be: all that a card of vocabulary answers."""

ANSWER_HEADING = regex(
    rf"^\W*(?:{_CORRECT}(?:answers?(?:\s+key)?|ans|solution|(?:{FOREIGN_ANSWERS}){_CORRECT_AFTER})|"
    rf"答|{_CHINESE_ANSWER})\s*[:：.\-–—]?\s*"
    r"(?:[A-H](?:\s*(?:,|and|&|、)\s*[A-H]){0,4}|[对错√×]|true|false)?\W*$",
    re.IGNORECASE,
)
"""A heading that announces the answer, or says which choice is right: ``Answer: C``."""

_KEY = (
    rf"(?:answers?(?:\s+key)?|answer\s+sheet|solutions|{FOREIGN_ANSWERS}|"
    r"(?:参考|标准)?答案(?:[与和及]?解析)?)(?P<more>\s?\W.{0,24})?$"
)
ANSWER_KEY = regex(rf"^\W*{_KEY}", re.IGNORECASE)
"""A heading above the answers to all questions of a page."""
ANSWER_KEY_LINE = regex(rf"\n\W{{0,99}}+{_KEY}", re.IGNORECASE | re.MULTILINE)
"""A line that may be such a heading, anywhere in a text."""

_TASK = r"(?:question|exercise|problem|task|q)\s*#?[\d.]{1,8}"
ANSWER_TO = regex(
    rf"^\W*(?:(?:answers?|solutions?)\s+(?:to|for|of)\s+{_TASK}|{_TASK}\W*(?:answers?|solutions?)|"
    rf"(?:第\s*{NUMBER}\s*[题问]|(?:习题|练习|题目|问题)\s*[\d.]{{1,8}})\s*的?\s*{_CHINESE_ANSWER})\W*$",
    re.IGNORECASE,
)
"""What a folded answer is called that says what it answers: ``Solution to exercise 3``."""

GENERIC_SUMMARY = regex(
    r"^\W*(?:(?:show|see|view|click|expand|reveal|toggle|open|查看|点击|展开|显示)\W.{0,24}|(?:查看|点击|展开|显示).{0,12}|"
    r"(?:the\s+)?(?:answers?|solutions?|spoiler|details|hints?|code|output|explanation|example|more|"
    rf"read\s+more|note)|(?:{_EUROPEAN_SHOW})\s.{{0,24}}|(?:toon\s)?(?:{FOREIGN_ANSWERS})(?:\s\w+)?|"
    r"(?:answers?|solutions?)\s*#?\d{1,4}|答案|参考答案|解答|解析|详情|提示|代码|示例|更多)\W*$|"
    rf"{ANSWER_TO.pattern}",
    re.IGNORECASE,
)
"""What a folded block is called when its title is no question."""

# What asks -------------------------------------------------------------------------------------

_CLOSED = r"[\s\"'”’)）\]】*_`]*$"
_UNANSWERED = regex(rf"[?？؟]{_CLOSED}")
_MARKED = regex(rf"[?？؟](?:\s*[(（\[【][^()（）\[\]【】?？]{{1,16}}[)）\]】])?{_CLOSED}")
"""The end of a question; in brackets behind it may stand how often or by whom it is asked."""
RATING = regex(r"[\s⭐🌟★☆🔥\ufe0f]+")
"""What may stand behind a bold question on its line, and is no answer."""
_ASKING = regex(
    r"^(?:what|what'?s|why|how|when|where|which|who|whose|explain|describe|compare|define|discuss|"
    r"differentiate|name|give|tell|write|implement|is|are|was|were|does|do|did|can|could|should|"
    r"would|will|has|have|difference)\b|^(?:state|list)\s+(?:the|some|all|any|a few|\w+ing)\b|"
    r"^(?:¿|qu['’]|(?:quoi|pourquoi|comment|quels?|quelles?|expliquez|décrivez|"
    r"qué|cómo|cuál(?:es)?|por qué|cuándo|dónde|quién|explica|explique|describ[ae]|"
    r"o que|como|qual|quais|por que|quando|onde|quem|descreva|"
    r"che cosa|cosa|cos['’]|perché|qual[ei]|spiega|descrivi|"
    r"was|wie|warum|wieso|welche[rsn]?|wann|wo|wer|wozu|nennen?|erklären?|beschreiben?|"
    r"что|как|как(?:ой|ая|ое|ие|ова|овы)|почему|зачем|чем|когда|где|кто|сколько|для чего|в ч[её]м|"
    r"объясните?|опишите?|расскажите?|назовите|перечислите|що|як|чому|навіщо)\b)|"
    r"什么|为什么|为何|何谓|何时|如何|怎么|怎样|哪些|哪个|哪几|哪种|是否|区别|多少|吗\s*$|"
    r"^(?:简述|说明|解释|描述|比较|谈谈|介绍|请|说一下|说说|讲讲|讲一下|列举|分析|阐述|论述|聊聊)",
    re.IGNORECASE,
)
DEFINES = regex(
    r"^(?:what(?:'?s|\s+is|\s+are|\s+do|\s+does)|why|explain|describe|compare|differences?\s+between)\b|"
    r"什么|为何|何谓|如何|怎么|区别",
    re.IGNORECASE,
)
"""A title without a question mark that is a question all the same."""
_FRAME = regex(rf"^[\s*_`~>#\u2190-\u21ff{EMOJI}{EMOJI_JOINTS}◆◇■□●○►▶]+")
_AROUND = rf"[\s*_`~\u2190-\u21ff{EMOJI}{EMOJI_JOINTS}]"
_TRAIL = regex(rf"(?<!{_AROUND}){_AROUND}++$")


def bare(text: str) -> str:
    """Return *text* without emoji, stars and emphasis marks around it."""
    return _TRAIL.sub("", _FRAME.sub("", text)) or text


def frame_length(text: str) -> int:
    """Return how many characters in front of *text* are emoji, stars and emphasis marks."""
    found = _FRAME.match(text)
    return found.end() if found and found.end() < len(text) else 0


def ends_asking(text: str) -> bool:
    """Return whether *text* ends in a question mark, decoration aside."""
    return bool(_MARKED.search(bare(text)))


def only_asks(text: str) -> bool:
    """Return whether *text* ends in a question mark, and no remark behind it may be the answer."""
    return bool(_UNANSWERED.search(bare(text)))


def asks(text: str) -> bool:
    """Return whether *text* reads like a question or a task; the number in front is off."""
    core = bare(text)
    return bool(_MARKED.search(core) or _ASKING.search(core))


STATEMENT = regex(
    r"(definition|theorem|lemma|proposition|corollary|axiom|satz|korollar|théorème|lemme|corollaire|"
    r"définition|teorema|definición|определение|теорема|лемма|定义|定理|引理|命题|推论|公理)\s*\d[\d.]*",
    re.IGNORECASE,
)
"""How a mathematical text counts what it states: ``Theorem 1.5``."""
PROOF = regex(
    r"\W*(?:proof|beweis|preuve|démonstration|demostración|доказательство|证明)\b", re.IGNORECASE
)

# Headings that are no questions ----------------------------------------------------------------

SKIP_HEADINGS = (
    "参考文献", "参考资料", "参考链接", "参考", "引用", "致谢", "版权声明", "版权", "更新日志",
    "更新记录", "关于作者", "关于我", "公众号", "作者信息", "贡献指南", "贡献者", "如何贡献",
    "许可证", "开源协议", "联系方式", "联系我", "赞助", "赞赏", "打赏", "推荐阅读", "相关阅读",
    "延伸阅读", "拓展阅读", "友情链接", "交流群",
    "待补充", "待完善", "references", "reference", "bibliography",
    "license", "licence", "license and copyright", "contributing", "contributors", "contributor",
    "contribution", "contributions", "how to contribute", "contribution guidelines",
    "contributing guidelines", "acknowledgements", "acknowledgments", "acknowledgement",
    "acknowledgment", "credits", "changelog", "release notes", "sponsors",
    "sponsor", "sponsorship", "backers", "support", "support me", "support us", "donate",
    "donation", "donations", "about the author", "about me", "author", "authors", "maintainers",
    "contact", "contact me", "contact us", "stargazers", "stargazers over time", "star history",
    "disclaimer", "code of conduct", "further reading", "see also", "related", "related links",
    "related concepts", "related notes", "related topics", "related pages", "backlinks",
    "related projects", "links", "useful links", "next question", "next questions", "next steps",
    "translations", "languages", "available languages", "copyright", "credits and references",
    "share", "follow me", "connect with me", "feedback", "table of contents", "sources", "source",
    "sources and further reading", "source and further reading",
    "additional resources", "footnotes", "脚注",
    "références", "bibliographie", "contribuer", "contributeurs", "auteurs", "auteur",
    "remerciements", "liens", "liens utiles", "referencias", "bibliografía", "licencia",
    "contribuir", "contribuciones", "contribuidores", "autores", "autor", "agradecimientos",
    "contacto", "enlaces", "enlaces útiles", "referências", "bibliografia", "licença",
    "contribuindo", "contribuição", "contribuições", "agradecimentos", "contato", "links úteis",
    "quellen", "literatur", "literaturverzeichnis", "lizenz", "mitwirken", "mitwirkende",
    "danksagung", "kontakt", "autoren", "weiterführende links", "riferimenti", "licenza",
    "contribuire", "ringraziamenti", "источники", "литература", "ссылки", "полезные ссылки",
    "дополнительные материалы", "лицензия", "авторы", "автор", "благодарности", "контакты",
    "参考資料", "参考サイト", "参考リンク", "関連リンク", "出典", "參考資料", "參考文獻",
    "參考連結", "참고자료", "참고문헌", "참고링크", "출처", "레퍼런스",
)  # fmt: skip
"""Headings that introduce no question, whatever their level."""

FURTHER = regex(
    r"^\W*(?:sources?|source\(s\)|references?|further\s+reading|see\s+also|additional\s+resources|"
    r"(?:useful|related|helpful|external)\s+(?:links|resources|articles|reading)|learn\s+more|"
    r"read\s+more(?:\s+(?:here|about\s+it))?|links|resources|sources?(?:\(s\))?\s+(?:and|&)\s+"
    r"(?:further\s+reading|references|resources)|ref(?:s|erence)?\s+links?|ref|refs|citations?|"
    r"références|voir\s+aussi|en\s+savoir\s+plus|referencias|fuentes|ver\s+también|"
    r"referências|fontes|ver\s+também|saiba\s+mais|riferimenti|fonti|quellen?|siehe\s+auch|"
    r"источники?|ссылки|литература|(?:полезные|дополнительные)\s+(?:ссылки|материалы)|см\.\s+также|"
    r"参考(?:资料|文献|链接|文章)?|相关(?:阅读|资料|链接|文章|资源)|延伸阅读|拓展阅读|扩展阅读|推荐阅读|引用|出处|来源|"
    r"参考(?:資料|サイト|リンク)|出典|參考(?:資料|文獻|連結)|참고\s?(?:자료|문헌|링크)|출처)\W*$",
    re.IGNORECASE,
)
"""What introduces a list of sources at the end of an answer."""

OPENERS = regex(
    r"^\W*(?:introduction|intro|about(?:\s+(?:this|the)\s+\w+)?|preface|foreword|overview|"
    r"before\s+you\s+(?:start|begin)|how\s+to\s+use(?:\s+\w+){0,3}|getting\s+started|"
    r"prerequisites?|introducción|introdução|introduzione|einleitung|einführung|avant-propos|vorwort|"
    r"введение|вступление|предисловие|前言|序言|序|引言|写在前面|写在最前|关于|关于本\w{0,4}|说明|使用说明|阅读说明|声明|须知)\W*$",
    re.IGNORECASE,
)
"""Headings that open a file or book before its matter begins."""

_CONTENTS = (
    r"\w{0,8}目\s*(?:录(?:大纲)?|錄|次)|목차|table\s+of\s+contents?|contents?(?:\s+table)?|toc|sommaire|"
    r"table\s+des\s+mati[eè]res|tabla\s+de\s+contenidos?|sumário|sommario|inhaltsverzeichnis|"
    r"inhoudsopgave|spis\s+treści|содержание|оглавление|зміст"
)
CONTENTS_NAME = regex(rf"^\W*(?:{_CONTENTS})\W*$", re.IGNORECASE)
"""Headings that can be nothing but that of a contents list."""
CONTENTS_TITLE = regex(
    rf"^\W*(?:{_CONTENTS}|大纲|索引|导航|quick\s+(?:links|navigation|jump)|on\s+this\s+page|"
    r"navigation|index|outline|contenidos?|[íi]ndice(?:\s+de\s+\w+)?|conteúdo|inhalt|inhoud|"
    r"list\s+of\s+questions|questions?(?:\s+(?:list|index))?|question\s+bank|all\s+questions|topics|"
    r"preguntas|perguntas|fragen|domande|вопросы|список\s+вопросов|"
    r"问题列表|题目列表|题目|题库|问题|内容导航)\W*$",
    re.IGNORECASE,
)
"""Headings that only introduce a contents list."""

CHAPTER = regex(
    rf"^(?:第\s*[\d{NUMERALS}]+\s*[章节篇讲课部]|附录|chapter\s+\w+|part\s+\w+|appendix\b)",
    re.IGNORECASE,
)

QUERIES = {"dataview", "dataviewjs", "query", "tasks", "{include}", "{literalinclude}"}
"""What a block of code is called for which other programs show text of other notes."""

GENERIC_PART = regex(
    r"^\W*(?:definitions?|examples?(?:\s+\d+)?|example\s+code|code(?:\s+example)?|usage|syntax|notes?|"
    r"summary|conclusion|overview|background|explanation|key\s+points?|pros|cons|pros\s+and\s+cons|"
    r"advantages|disadvantages|benefits|drawbacks|limitations|use\s+cases?|when\s+to\s+use|why|how|"
    r"what|intuition|approach|complexity|implementation|solution|answers?|references?|"
    r"(?:method|approach|option|step|case|way|solution|part)\s+\d+|"
    r"définition|exemples?|avantages|inconvénients|définitions|definici[oó]n|ejemplos?|ventajas|"
    r"desventajas|definição|exemplos?|vantagens|desvantagens|definizione|esemp(?:io|i)|vantaggi|"
    r"svantaggi|beispiele?|vorteile|nachteile|zusammenfassung|fazit|resumen|resumo|résumé|"
    r"определение|примеры?|пример\s+кода|преимущества|недостатки|плюсы|минусы|итоги?|выводы?|"
    r"заключение|explicaci[oó]n|explicação|erklärung|объяснение|пояснение|код|código|"
    r"定义|概念|例子|示例|举例|代码|代码示例|用法|语法|注意|注意事项|总结|小结|结论|概述|简介|背景|解释|要点|优点|缺点|优缺点|优势|劣势|"
    r"应用|应用场景|使用场景|场景|原理|实现|步骤|特点|特性|分析|思路|解法|方案|解决方案|补充|扩展|延伸|参考答案|答案|解析|"
    r"(?:面试)?一句话(?:总结|解释|定义|回答|概括)?|核心(?:回答|答案)|(?:常见|高频|面试|面试官)?追问|易错点|"
    r"考察(?:点|意图)|加分项|面试(?:回答|话术|要点))\W*$",
    re.IGNORECASE,
)
"""Headings that name a part of any answer, and nothing by themselves."""

SUMMARY = regex(r"^\W*(?:summary|conclusion|总结|小结|结论)\W*$", re.IGNORECASE)
"""Those of them that may as well sum up a whole file."""

# Scaffolding of a page -------------------------------------------------------------------------

_TOP = regex(
    r"^[\W_]*(?:(?:(?:go|jump|return|scroll|click)\s+)?(?:back\s+)?to\s+(?:the\s+)?(?:top|toc|start|"
    r"home|menu|list|beginning|table\s+of\s+contents?|(?:list\s+of\s+)?contents?|index|questions?|"
    r"summary)|(?:volver|voltar|retour(?:ner)?|revenir|zurück|nach|torna|к|вернуться|повернутися|"
    r"назад|наверх|вверх|в|powrót)\s(?:(?:al?|ao|para\s+o|en|au|à\s+la|zum?r?|all['’]|к|в|na|do)\s*)?"
    r"(?:arriba|inicio|[íi]ndice|principio|contenidos?|preguntas|topo|início|sumário|haut|début|"
    r"sommaire|table\s+des\s+mati[eè]res|oben|anfang|inhalt(?:sverzeichnis)?|su|indice|inizio|"
    r"началу?|начало|содержанию|оглавлению|списку(?:\s+вопросов)?|вопросам|верх|góry|spisu\s+treści)|"
    r"arriba|subir|haut\s+de\s+page|наверх|вверх|(?:go\s+)?back|top|up|home|toc|table\s+of\s+contents?|contents?|index|"
    r"返\s*回\s*(?:到)?(?:顶部|目录|题目|首页|页首|上方|上级|主页|问题列表|列表|大纲)?|回\s*到?\s*(?:顶部|目录|首页|页首|顶端)|"
    r"(?:回|至)顶部?|顶部|(?:(?:ページ)?トップ|上|前|目次|一覧)(?:へ|に)(?:戻る)?|(?:맨\s*위|위|뒤|처음|목차|목록)(?:으?로)(?:\s*(?:가기|돌아가기|이동))?|↥|⬆|↑|▲|🔝|🔼|⇧|⤴|☝|⬅|←|↩|⇡)[\W_]*$",
    re.IGNORECASE,
)
"""A line or link that leads back to the top of a page."""

_SHORTCODE = regex(r":[a-z][a-z0-9_+-]*:")
_PARTS = regex(r"\s*[|·•]\s*")


def leads_to_top(text: str) -> bool:
    """Return whether *text* is nothing but a way back to the top, or several of them."""
    text = _SHORTCODE.sub(" ", text)
    return len(text) <= 120 and all(_TOP.match(part) for part in _PARTS.split(text.strip()))


ARROWS = "↥⬆↑▲🔝🔼⇧⤴☝↩⇡"
ARROW = regex(f"[{ARROWS}]")


@lru_cache(maxsize=1 << 14)
def loose(text: str) -> str:
    """Return *text* as slugs of all dialects agree on it: letters and digits alone."""
    for wide in _WIDE:  # all that keeps most Chinese text from being in NFKC
        text = text.replace(wide, " ")
    return _LOOSE.sub("", unicodedata.normalize("NFKC", text).casefold())


_WIDE = "，：；？！（）…"
_LOOSE = regex(r"[^\w+#]|_")


BADGE = regex(
    r"https?://(?:[^/\s]*\.)?(?:shields\.io|badgen\.net|badge\.fury\.io|forthebadge\.com|awesome\.re|"
    r"travis-ci\.(?:org|com)|codecov\.io|coveralls\.io|contrib\.rocks|komarev\.com|star-history\.com|"
    r"visitor-badge\.[\w.]+|hits\.[\w.]+|badges\.[\w.]+|ko-fi\.com|buymeacoffee\.com|opencollective\.com)/"
    r"|https?://\S*(?:/badges?/|badge\.svg|/actions/workflows/\S*\.svg|-badge\b)",
    re.IGNORECASE,
)
"""Addresses of pictures that state a project's state, never a fact."""

NAVIGATION = regex(
    r"^[\W_]*(?:prev|next|home\b|[上下前后]一|[上下][篇章节页题个]\b|首页|主页)"
    r"|[👉👈⬅➡←→▶◀»«]\ufe0f?\s*$|^\s*[👉👈⬅➡←→▶◀»«]",
    re.IGNORECASE,
)
"""A part of a line that leads to the page before or after."""

PROMOTION = regex(
    r"\b(?:star|fork)\s+(?:(?:and|or|&)\s+\w+\s+)?(?:this|the|our|my|us)\b|\bgive\b.{0,30}\bstars?\b|"
    r"\bif\s+you\s+(?:like|find|found|enjoy)\w*\b.{0,60}\b(?:repo(?:sitory)?|project|star|share|useful|helpful)|"
    r"\bfollow\s+(?:me|us)\b|\bsubscribe\b.{0,40}\b(?:channel|newsletter|updates|blog)\b|"
    r"\bjoin\s+(?:us|our|my|the)\b.{0,30}\b(?:discord|telegram|slack|community|group|newsletter)\b|"
    r"\bbuy\s+me\s+a\s+coffee\b|\bbecome\s+a\s+(?:sponsor|patron|backer)\b|\bsupport\s+(?:us|me|this\s+project)\b|"
    r"\b(?:explore|find|see|get|view|check\s+out|discover)\s+(?:all|the\s+full|more)\b.{0,40}\b(?:answers?|questions?)\b|"
    r"\b(?:answers?|questions?)\s+(?:here|at)\s*👉|点个?\s*(?:star|赞)|欢迎.{0,6}star|求.{0,4}star|关注.{0,16}公众号|"
    r"公众号[:：]|扫码|扫描.{0,8}二维码|加群|打赏|赞助",
    re.IGNORECASE,
)
"""A line that asks for stars, followers or money."""

_SCAN = regex(r"扫码|扫描|二维码|长按")
_FOLLOW = regex(r"关注|公众号|加群|交流群|微信群|打赏|赞赏|星球")
_READER = regex(r"[下上]方|下面|文末|欢迎|别忘|记得|长按|大家|你|[!！]")


def asks_to_scan(text: str) -> bool:
    """Return whether a line asks its reader to follow, join or pay by the code below it.

    How payment by such a code works, a line says without a word to the reader.
    """
    return all(words.search(text) for words in (_SCAN, _FOLLOW, _READER))


_ACCOUNT = regex(r"公众号|关注(?:我|博主|专栏)|三连")
_WINS = regex(
    r"\W*(?=更多|获取|想|欢迎|记得|别忘|赶紧|快来|请|关注|点赞|如果|觉得|微信搜|我的|本文|专栏).{0,80}?(?:"
    r"(?:欢迎|记得|别忘|赶紧|快来).{0,8}关注|关注起来|领取|不迷路|持续更新|更多.{0,6}(?:内容|干货|资料|文章))"
)
"""It begins with what is offered or asked for: ``用户关注公众号后…`` tells of an account."""
_SIGNED = regex(r"\W*(?:微信)?公众号\s*[:：]\s*[^\s，。；、]{2,12}\W*")


def asks_to_follow(text: str) -> bool:
    """Return whether a line wins readers for what else its author writes, or only says where."""
    wins = _ACCOUNT.search(text) and _WINS.match(text)
    return bool(wins or _SIGNED.fullmatch(text))


FOOTER = regex(
    r"^[\W_]*(?:©|\(c\)\s|copyright\b|all\s+rights\s+reserved|licen[sc]ed?\s+(?:under|:)|"
    r"this\s+(?:work|project|article|content)\s+is\s+licen[sc]ed|released\s+under\s+the|"
    r"share\s+(?:this|on|via|it)\b|tweet\s+this|分享到|版权声明|版权所有|本文(?:首发|采用|遵循|由|为博主|版权|转载)|转载请|"
    r"未经.{0,8}(?:许可|授权|同意)|著作权归|署名-非商业|"
    r"last\s+(?:updated|modified|edited|reviewed)\s*(?:[:：]|on\b|by\b|\d)|最后(?:更新|编辑|修改)[于時时日:：]|"
    r"第\s*\d+\s*页\W*(?:共\s*\d+\s*页)?\W*$|page\s+\d+\s+of\s+\d+\W*$|赞同\s*\d.{0,20}评论|"
    r"发布于\s*\d{4}-\d\d-\d\d\s\d\d:\d\d|"
    r"(?:更新|编辑|修改)(?:时间|日期|于)?\s*[:：]?\s*\d{4}[-年./]\d{1,2}[-月./]\d|文档版本\s*[:：]\s*v?\d|"
    r"let\s+me\s+know\s+if\s+you(?:['’]d\s+like|\s+would\s+like|\s+want|\s+need)\b|"
    r"希望.{0,30}(?:对你有|帮助你|帮助到你)|(?:如果|如(?=需)|若).{0,40}(?:随时|(?:需|想(?!法)|希望).{0,40}(?:请|可以))告诉我|"
    r"(?:是否)?需要我(?:[帮为给把将]|继续|进一步|整理|生成).{0,60}[吗？?]|(?:注[:：].{0,12}内容.{0,6}|以上内容)由\s*AI\s*生成\W*$)",
    re.IGNORECASE,
)
"""A line that states a licence or when it was written, or asks to share or for more to do."""

SOURCE_NAME = regex(
    r"\W*(?:src|source|ref|refs|reference|link|via|credit|来源|出处|参考|原文)\s*\d*\W*",
    re.IGNORECASE,
)
"""What a link is called that merely says where a question was found."""
