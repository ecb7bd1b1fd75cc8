"""Everything one can do in the player: one table gives bindings, footer, help and palette.

A key is written as Textual names it (`left_square_bracket`); `shown` writes it for people. The keys a
person chose instead are in a `Keymap`, which whatever draws a key asks.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace
from textual.keys import key_to_character

Group: TypeAlias = Literal["Replay", "Lesson", "Look", "Other"]
GROUPS: tuple[Group, ...] = ("Replay", "Lesson", "Look", "Other")


class Action(Struct, frozen=True):
    """`label` is for the footer, `help` a sentence; `footer` is its place there, 0 for none."""

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    group: Group
    footer: int = 0


ACTIONS: tuple[Action, ...] = (
    Action("forward", ("right", "l", "right_square_bracket"), "forward",
           "One stop forward: the next operation, node, addition or print", "Replay", 1),
    Action("back", ("left", "h", "left_square_bracket"), "back",
           "One stop back", "Replay", 2),
    Action("play", ("space",), "play", "Play, or pause", "Replay", 3),
    Action("faster", ("plus", "equals_sign"), "faster", "Play faster", "Replay"),
    Action("slower", ("minus",), "slower", "Play slower", "Replay"),
    Action("step_start", ("0", "circumflex_accent"), "step start",
           "The start of this step, nothing run yet", "Replay"),
    Action("step_end", ("dollar_sign",), "step end", "The end of this step", "Replay", 8),
    Action("next_pass", ("b",), "backward",
           "To the next backward pass", "Replay", 7),
    Action("previous_pass", ("B",), "last pass", "Back to the backward pass before", "Replay"),
    Action("next_epoch", ("e",), "epoch", "To the next pass of the loop", "Replay"),
    Action("previous_epoch", ("E",), "last epoch", "Back one pass of the loop", "Replay"),
    Action("next_run", ("r",), "line again", "To the next time this line runs", "Replay"),
    Action("next_change", ("v",), "change",
           "To the next time this tensor, or its .grad, changes", "Replay"),
    Action("jump", ("colon", "number_sign"), "go to", "Go to an event by its number", "Replay"),
    Action("find", ("slash",), "find",
           "Find an operation, a node, a tensor's name, line 3, or a value: nan, 0.25", "Replay"),
    Action("find_next", ("full_stop",), "next match", "The next match", "Replay"),
    Action("find_previous", ("comma",), "last match", "The match before", "Replay"),
    Action("start", ("home", "g"), "first", "The start of the lesson", "Replay"),
    Action("end", ("end", "G"), "last", "The end of the lesson", "Replay"),
    Action("next_step", ("n", "pagedown"), "next step", "The next step of the lesson", "Lesson", 4),
    Action("previous_step", ("p", "pageup"), "previous step", "The step before", "Lesson", 5),
    Action("ask", ("a",), "predict",
           "Answer this step's question before it is shown, or one you skipped", "Lesson", 9),
    Action("drill", ("A",), "ask at nodes",
           "Ask before every node of a backward pass, with a score; again: no more", "Lesson"),
    Action("what_if", ("w",), "what if",
           "Try another version of this step as a second tape; again: back", "Lesson", 6),
    Action("toggle", ("W",), "own what if",
           "Put in or take out detach, no_grad, zero_grad, retain_graph, requires_grad", "Lesson"),
    Action("edit", ("X",), "edit",
           "Edit this step's code, or a tensor's numbers, and see both tapes", "Lesson"),
    Action("compare", ("D",), "compare",
           "Both tapes side by side, and why they differ, in another version", "Lesson"),
    Action("exercise", ("x",), "exercise", "Complete a piece of code, and run it", "Lesson"),
    Action("scratch", ("s",), "scratch",
           "Try any expression at this moment: x.grad, y.grad_fn, x + 1", "Lesson"),
    Action("about", ("i",), "about",
           "What the lesson teaches and needs, and its words", "Lesson"),
    Action("glossary", ("H", "f7"), "glossary",
           "The words of the trade, those of this moment first; also from any window", "Lesson"),
    Action("bookmark", ("m",), "bookmark", "Bookmark this event, with words of yours", "Lesson"),
    Action("bookmarks", ("M",), "bookmarks", "Go to a bookmark of this lesson", "Lesson"),
    Action("library", ("o",), "lessons", "The list of lessons", "Lesson"),
    Action("up", ("up", "k"), "scroll up", "Scroll the text up", "Look"),
    Action("down", ("down", "j"), "scroll down", "Scroll the text down", "Look"),
    Action("pane_up", ("K",), "card up", "Scroll the card, or the open pane, up", "Look"),
    Action("pane_down", ("J",), "card down", "Scroll the card, or the open pane, down", "Look"),
    Action("tape", ("t",), "tape", "Show the tape", "Look"),
    Action("card", ("c",), "card", "Show the card of the current event", "Look"),
    Action("jvp", ("f",), "J*u",
           "Cards in forward mode: J*u in place of v*J; again: back", "Look"),
    Action("tangent", ("F",), "tangent",
           "Choose the tangent u of forward mode: ones, numbers, a basis vector", "Look"),
    Action("fold", ("u",), "fold",
           "Fold or unfold this turn of the loop, this module's call, this layer's nodes", "Look"),
    Action("fold_all", ("U",), "fold all", "Fold all loops and calls; again: unfold them", "Look"),
    Action("boxes", ("d",), "boxes",
           "The graph here as boxes and lines, for up to 40 of them", "Look"),
    Action("ledger", ("L",), "ledger", "Show the ledger of .grad", "Look"),
    Action("curves", ("C",), "curves",
           "Loss, weights and gradients over the epochs of the loop", "Look"),
    Action("next_pane", ("tab",), "next pane", "The next of tape, card and ledger", "Look"),
    Action("zoom", ("z",), "zoom", "Give one pane the whole screen; again: all panes", "Look"),
    Action("theme", ("T",), "theme", "Dark, light, high contrast, the terminal's colours", "Look"),
    Action("settings", ("S",), "settings",
           "Theme, signs, mouse, and the keys of every action", "Other"),
    Action("copy", ("y",), "copy",
           "Copy: y code, t the current tensor, e the current event, s the whole step", "Other"),
    Action("help", ("question_mark", "f1"), "help", "All keys", "Other", 10),
    Action("palette", ("ctrl+p", "P"), "commands", "All commands, with search", "Other"),
    Action("quit", ("q", "ctrl+q"), "quit", "Leave", "Other", 11),
)  # fmt: skip

BY_ID = {action.id: action for action in ACTIONS}

_SHOWN = {
    "right": "→", "left": "←", "up": "↑", "down": "↓", "pagedown": "PgDn", "pageup": "PgUp",
    "plus": "+", "minus": "-", "underscore": "_", "space": "space", "delete": "Del",
    "backspace": "Bksp", "insert": "Ins", "escape": "Esc", "tab": "Tab",
}  # fmt: skip
_MARKS = {"at": "@", "slash": "/", "backslash": "\\"}  # that Textual's own way back forgets


def shown(key: str, ascii: bool = False) -> str:
    """A key as people write it."""
    *held, last = key.split("+")
    return "+".join([*(one.capitalize() for one in held), _sign(last, ascii, bool(held))])


def _sign(key: str, ascii: bool, held: bool) -> str:
    if len(key) == 1:
        return key.upper() if held else key
    if key in _SHOWN:
        return key if ascii and not _SHOWN[key].isascii() else _SHOWN[key]
    return _MARKS.get(key) or key_to_character(key) or key.capitalize()


class Keymap(Struct, frozen=True):
    """The actions with the keys they have here."""

    actions: tuple[Action, ...] = ACTIONS

    def with_keys(self, chosen: Mapping[str, tuple[str, ...]]) -> "Keymap":
        """The same with other keys for some actions, by id."""
        changed = (replace(each, keys=chosen.get(each.id, each.keys)) for each in self.actions)
        return Keymap(tuple(changed))

    def key(self, id: str, ascii: bool = False) -> str:
        """The first key of an action, as people write it."""
        return next(shown(each.keys[0], ascii) for each in self.actions if each.id == id)

    def footer(self) -> tuple[Action, ...]:
        """The actions of the footer, most needed first."""
        there = (each for each in self.actions if each.footer)
        return tuple(sorted(there, key=lambda each: each.footer))

    def changed(self) -> dict[str, str]:
        """The actions whose keys are not the table's, as Textual takes them: id → `key,key`."""
        return {
            each.id: ",".join(each.keys)
            for each in self.actions
            if each.keys != BY_ID[each.id].keys
        }


DEFAULT_KEYS = Keymap()
