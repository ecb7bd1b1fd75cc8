"""How each role looks: one table, from which the widgets' component classes and CSS are made.

A role never carries meaning alone: beside every colour stands a sign or a word.
"""

from collections.abc import Mapping

ROLES: Mapping[str, str] = {
    "dim": "color: $dim;",
    "faint": "color: $faint;",
    "strong": "text-style: bold;",
    "emphasis": "text-style: italic;",
    "title": "color: $primary; text-style: bold;",
    "heading": "color: $primary; text-style: bold;",
    "inline-code": "color: $code-string;",
    "quote": "color: $dim; text-style: italic;",
    "link": "text-style: underline;",
    "prompt": "color: $accent; text-style: bold;",
    "output": "color: $foreground;",
    "error": "color: $error; text-style: bold;",
    "good": "color: $success;",
    "warning": "color: $warning;",
    "lit": "background: $lit; color: $lit-text; text-style: bold;",
    "here": "background: $here;",
    "marker": "color: $accent; text-style: bold;",
    "forward": "color: $primary;",
    "backward": "color: $accent;",
    "cotangent": "color: $accent;",
    "hollow": "color: $dim;",
    "future": "color: $faint;",
    "key": "color: $accent; text-style: bold;",
    "bar": "background: $panel; color: $foreground;",
    "tab": "background: $panel; color: $dim;",
    "tab-on": "background: $here; text-style: bold;",
    "code-keyword": "color: $code-keyword; text-style: bold;",
    "code-name": "color: $foreground;",
    "code-function": "color: $code-function;",
    "code-number": "color: $code-number;",
    "code-string": "color: $code-string;",
    "code-comment": "color: $dim; text-style: italic;",
    "code-operator": "color: $code-operator;",
}


def component(role: str) -> str:
    """The component class of a role."""
    return f"pane--{role}"


COMPONENTS = frozenset(map(component, ROLES))


def css(widget: str) -> str:
    """The rules of every role within a widget class."""
    return "\n".join(
        f"{widget} > .{component(role)} {{ {rules} }}" for role, rules in ROLES.items()
    )
