"""The signs the player draws with: one set for terminals that know Unicode, one for ASCII."""

from msgspec import Struct

from gradtui.tui.actions import DEFAULT_KEYS, Keymap


class Glyphs(Struct, frozen=True):
    """A sign a field; every sign is one column wide except where its name says otherwise."""

    ascii: bool
    ellipsis: str
    current: str  # beside the current line
    bar: str  # beside a cell of code
    same: str
    close: str
    differs: str
    waiting: str
    uncompared: str
    error: str
    playing: str
    paused: str
    done: str
    here: str  # the position on the timeline
    rule: str  # a horizontal line
    past: str
    future: str
    backward: str
    printed: str
    epoch: str
    up: str  # the backward pass goes upwards
    down: str
    bullet: str
    changed: str  # a line that differs from the other tape
    arrow: str
    dot: str
    thumb: str  # of a scrollbar
    saved: str  # a node holds numbers for its backward formula
    freed: str  # it held some, and they are released
    shut: str  # beside what is folded
    open: str  # beside what can be folded
    sparks: str  # eight heights
    keymap: Keymap = DEFAULT_KEYS  # the keys that are named on screen

    @property
    def sides(self) -> str:
        """The arrow keys to the left and right."""
        return "left right" if self.ascii else "← →"

    def key(self, action: str) -> str:
        """The key of an action, as it is drawn."""
        return self.keymap.key(action, self.ascii)


UNICODE = Glyphs(
    ascii=False,
    ellipsis="…",
    current="▶",
    bar="│",
    same="✓",
    close="≈",
    differs="✗",
    waiting="·",
    uncompared="–",
    error="✗",
    playing="▶",
    paused="‖",
    done="■",
    here="◆",
    rule="─",
    past="━",
    future="─",
    backward="▴",
    printed="¶",
    epoch="┼",
    up="▲",
    down="▼",
    bullet="•",
    changed="≠",
    arrow="→",
    dot="·",
    thumb="┃",
    saved="▪",
    freed="▫",
    shut="▸",
    open="▾",
    sparks="▁▂▃▄▅▆▇█",
)

ASCII = Glyphs(
    ascii=True,
    ellipsis="~",
    current=">",
    bar="|",
    same="=",
    close="~",
    differs="!",
    waiting=".",
    uncompared="-",
    error="X",
    playing=">",
    paused='"',
    done="#",
    here="@",
    rule="-",
    past="=",
    future="-",
    backward="^",
    printed="p",
    epoch="+",
    up="^",
    down="v",
    bullet="*",
    changed="!",
    arrow=">",
    dot=".",
    thumb="#",
    saved="s",
    freed="f",
    shut="+",
    open="-",
    sparks="_.-=+*#@",
)

_PLAIN = str.maketrans(
    {
        "·": "*", "²": "^2", "³": "^3", "×": "x", "→": "->", "←": "<-", "−": "-", "–": "-",
        "—": "-", "⇒": "=>",
        "…": "~", "∂": "d", "ᵀ": "^T", "Σ": "sum ", "∑": "sum ", "⟨": "<", "⟩": ">", "√": "sqrt ",
        "│": "|", "─": "-", "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "┼": "+",
        "┴": "+", "┬": "+", "╲": "\\", "╱": "/", "●": "*", "○": "o", "◌": ".", "✓": "=", "✗": "X",
        "≈": "~", "≠": "!=", "≤": "<=", "≥": ">=", "σ": "sigma", "π": "pi", "ε": "eps", "⋮": ":",
        "⋱": "\\", "▪": "#", "■": "#", "█": "#", "░": ".", "▒": ":", "▓": "%", "ₓ": "x", "∞": "inf",
        "“": '"', "”": '"', "‘": "'", "’": "'", "⁻": "^-", "¹": "1", "½": "1/2", "ȳ": "v", "•": "*",
        "▁": "_", "▂": ".", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "#", "⎡": "[", "⎤": "]",
        "⎢": "|", "⎥": "|", "⎣": "[", "⎦": "]", "⊙": "*", "⊗": "x", "∘": "o", "∈": " in ",
    }
)  # fmt: skip


def in_ascii(text: str) -> str:
    """The text with what ASCII lacks spelled out; what has no spelling becomes `?`."""
    if text.isascii():
        return text
    return text.translate(_PLAIN).encode("ascii", "replace").decode("ascii")
