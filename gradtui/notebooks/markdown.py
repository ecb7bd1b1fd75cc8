"""A notebook's Markdown as a lesson's prose: headings found, pictures and HTML made into words.

parts("# One\\ntext\\n## Two\\n")      # [Part("One", 1, "text"), Part("Two", 2, "")]
prose(text)                            # Said("…", notes)
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

from markdown_it import MarkdownIt

_PICTURE = re.compile(r"!\[([^\]\n]{0,200})\]\([^)\n]{0,4000}\)")
_FORMULA = re.compile(r"\$\$.*?\$\$", re.DOTALL)  # a line of `=` in one underlines no heading
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,2000}>")
_MARKS = re.compile(r"(\*\*|__|\*|`|~~)")
_LINK = re.compile(r"(?<!!)\[([^\]\n]{0,300})\]\(\s*<?([^)>\s]{0,2000})[^)\n]{0,2000}\)")


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with its level, and the Markdown below it; level 0 before the first heading."""

    heading: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """Prose, and what was left out of it."""

    text: str
    notes: tuple[str, ...] = ()


def parts(text: str) -> list[Part]:
    """The Markdown cut at its headings."""
    lines = text.split("\n")
    masked = _FORMULA.sub(lambda found: re.sub(r"[^\n]", "x", found[0]), text)
    tokens = MarkdownIt("commonmark").parse(masked)
    cuts = [
        (token.map[0], token.map[1], int(token.tag[1:]), tokens[at + 1].content)
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.map and token.level == 0
    ]
    starts = [0, *(end for _, end, _, _ in cuts)]
    ends = [*(start for start, _, _, _ in cuts), len(lines)]
    heads = [("", 0), *((plain(heading), level) for _, _, level, heading in cuts)]
    found = [
        Part(heading, level, "\n".join(lines[start:end]).strip("\n"))
        for (heading, level), start, end in zip(heads, starts, ends, strict=True)
    ]
    return [part for part in found if part.level or part.text.strip()]


def plain(markdown: str) -> str:
    """Markdown as one line of text without its marks."""
    text = _LINK.sub(r"\1", _PICTURE.sub(r"\1", markdown))
    parts = enumerate(re.split(r"`([^`]+)`", unescape(_TAG.sub("", text))))
    return " ".join("".join(p if n % 2 else _MARKS.sub("", p) for n, p in parts).split())


def first_words(markdown: str, most: int = 60) -> str:
    """The first sentence of a text, as a title: at most so many characters, ending at a word."""
    for token in MarkdownIt("commonmark").parse(markdown):
        if token.type == "inline" and plain(token.content):
            sentence = re.split(r"(?<=[.!?:])\s", plain(token.content))[0]
            return shorten(sentence.rstrip(".:"), most)
    return ""


def shorten(text: str, most: int) -> str:
    """The text, cut at a word where it is longer."""
    if len(text) <= most:
        return text
    return (text[:most].rpartition(" ")[0] or text[:most]).rstrip(" ,;:-") + "…"


def prose(text: str) -> Said:
    """Markdown a lesson may hold: HTML as Markdown, pictures as words, `{{` as itself."""
    notes: list[str] = []
    lines = text.split("\n")
    for first, last in reversed(_html_blocks(text)):
        lines[first:last] = _from_html("\n".join(lines[first:last]), notes).split("\n")
    made = _outside_code("\n".join(lines), lambda part: _inline(part, notes))
    made = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in made.split("\n")))
    return Said(literal(made.strip("\n")), tuple(dict.fromkeys(notes)))


def literal(text: str) -> str:
    """Text for a lesson's prose, in which `{{` is no beginning of a quoted value."""
    return text.replace("{{", "{{ '{{' }}")


def _html_blocks(text: str) -> list[tuple[int, int]]:
    tokens = MarkdownIt("commonmark").parse(text)
    return [
        (token.map[0], token.map[1])
        for token in tokens
        if token.type == "html_block" and token.map and token.level == 0
    ]


_CODE = re.compile(r"(```.*?```|~~~.*?~~~|`[^`\n]+`|\$\$.*?\$\$|\$[^$\n]+\$)", re.DOTALL)


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with everything changed but code and formulas."""
    return "".join(
        part if number % 2 else change(part) for number, part in enumerate(_CODE.split(text))
    )


def _inline(text: str, notes: list[str]) -> str:
    def picture(match: re.Match[str]) -> str:
        notes.append("a picture is left out")
        return f"*(a picture: {match[1]})*" if match[1].strip() else "*(a picture)*"

    def tag(match: re.Match[str]) -> str:
        return _from_html(match[0], notes) if "img" in match[0].lower() else ""

    def link(match: re.Match[str]) -> str:
        if re.match(r"https?://[^\s/.]+\.", match[2]):
            return match[0]
        notes.append(f"a link to {match[2][:60]} is left out")
        return match[1]

    text = _LINK.sub(link, text)
    text = re.sub(r"<br\s*/?>", "\n", _PICTURE.sub(picture, text), flags=re.IGNORECASE)
    return _TAG.sub(tag, text)


def _from_html(text: str, notes: list[str]) -> str:
    writer = _Writer()
    writer.feed(text)
    writer.close()
    notes += writer.notes
    made = "\n".join(line.strip() for line in "".join(writer.made).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", made).strip("\n")


class _Writer(HTMLParser):
    """HTML as Markdown, as far as prose needs it."""

    AROUND = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}  # noqa: RUF012
    BLOCKS = frozenset("p div ul ol table tr h1 h2 h3 h4 h5 h6 blockquote center details".split())
    SILENT = frozenset(("script", "style"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.made: list[str] = []
        self.notes: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self.silent += 1
            self.notes.append(f"<{tag}> is left out")
        elif tag == "img":
            self.notes.append("a picture is left out")
            alt = " ".join((dict(attributes).get("alt") or "").split())
            self.made.append(f"*(a picture: {alt})*" if alt else "*(a picture)*")
        else:
            block = "\n\n" if tag in self.BLOCKS else ""
            opening = {"li": "\n- ", "br": "\n", "summary": "\n\n"}.get(tag, block)
            self.made.append(self.AROUND.get(tag, opening))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SILENT:
            self.silent = max(0, self.silent - 1)
            return
        block = "\n\n" if tag in self.BLOCKS or tag == "summary" else ""
        self.made.append(self.AROUND.get(tag, block))

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.made.append(re.sub(r"[ \n]+", " ", data) if data.strip() else "")


def fenced(code: str, language: str = "python") -> str:
    """Code as a block of Markdown."""
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code.rstrip()}\n{fence}"


def blocks(texts: Iterable[str]) -> str:
    """Paragraphs of Markdown, one after another."""
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())
