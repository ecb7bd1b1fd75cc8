"""`argparse` for a program that is given no arguments: defaults, and lists of the program's own.

The parser is Python's; it prints and leaves as lesson code does, and calls types as lesson code may.
"""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from gradtui.language.exits import Exit

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

ATTRIBUTES = frozenset("""
    add_argument add_argument_group add_mutually_exclusive_group set_defaults get_default parse_args
    parse_known_args print_help print_usage format_help format_usage error exit description prog
""".split())  # fmt: skip
MOST = 200  # arguments of a parser, choices or values of an argument
LONGEST = 2_000  # characters of a text
OPTIONS = frozenset("""
    action nargs const default type choices required help metavar dest
""".split())  # fmt: skip


class Parser(argparse.ArgumentParser):
    """Python's parser; what it writes goes where lesson code writes."""

    def __init__(self, runtime: "Runtime", **options: Any) -> None:
        self.runtime = runtime
        super().__init__(**options)

    def _print_message(self, message: str, file: Any = None) -> None:
        self.runtime.print(message, None)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Ends the program, not the process."""
        if message:
            self.runtime.print_error(message)
        raise Exit(status)

    def error(self, message: str) -> NoReturn:
        """Ends the program with status 2."""
        self.runtime.print_error(self.format_usage())
        self.exit(2, f"{self.prog}: error: {message}\n")


class Arguments:
    """An `ArgumentParser`, or a group of one, as lesson code holds it."""

    def __init__(self, runtime: "Runtime", parser: Parser, target: Any) -> None:
        self._runtime, self._parser, self._target = runtime, parser, target

    @property
    def prog(self) -> str:
        return self._parser.prog

    @property
    def description(self) -> str | None:
        return self._parser.description

    def add_argument(self, *names: str, **options: Any) -> None:
        """Take an argument by these names."""
        unknown = set(options) - OPTIONS
        if unknown or len(self._parser._actions) > MOST:
            raise TypeError(f"add_argument() takes no '{min(unknown, default='more')}' here")
        for text in (*names, options.get("help"), options.get("metavar"), options.get("dest")):
            _check_text(text)
            self._runtime.meters.percent(text, {"prog": ""})
        action, nargs, choices = (options.get(n) for n in ("action", "nargs", "choices"))
        if not isinstance(action, str | type(None)) or action == "version":
            raise TypeError("an action is a word in the lesson language")
        if isinstance(nargs, int) and nargs > MOST:
            raise ValueError(f"nargs is at most {MOST} in the lesson language")
        if choices is not None:
            if len(choices) > MOST:
                raise ValueError(f"an argument has at most {MOST} choices in the lesson language")
            options["choices"] = list(choices)
        if "type" in options:
            kind = options["type"]
            self._parser.register("type", kind, self._runtime.safe(kind))
        self._target.add_argument(*names, **options)

    def add_argument_group(self, title: Any = None, description: Any = None) -> "Arguments":
        """A group with a heading of its own."""
        _check_text((title, description))
        made = self._parser.add_argument_group(title, description)
        return Arguments(self._runtime, self._parser, made)

    def add_mutually_exclusive_group(self, *, required: bool = False) -> "Arguments":
        """A group of which one may be given."""
        made = self._parser.add_mutually_exclusive_group(required=required)
        return Arguments(self._runtime, self._parser, made)

    def set_defaults(self, **defaults: Any) -> None:
        """Values of what nobody gives."""
        self._parser.set_defaults(**defaults)

    def get_default(self, dest: str) -> Any:
        """The value of what nobody gives."""
        return self._parser.get_default(dest)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """The values of all arguments."""
        return self._namespace(self._parser.parse_args(self._given(args)))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """The values of all arguments, and what means none."""
        known, rest = self._parser.parse_known_args(self._given(args))
        return self._namespace(known), rest

    def _given(self, args: Any) -> list[str]:
        found = [] if args is None else list(self._runtime.consume(args))
        for text in found:
            _check_text(text)
        return found

    def _namespace(self, found: argparse.Namespace) -> Any:
        made = self._runtime.namespaces("Namespace")
        return made(**vars(found))

    def print_help(self, file: Any = None) -> None:
        """Write what `-h` writes."""
        self._parser.print_help()

    def print_usage(self, file: Any = None) -> None:
        """Write the first lines of it."""
        self._parser.print_usage()

    def format_help(self) -> str:
        """What `-h` writes."""
        return self._parser.format_help()

    def format_usage(self) -> str:
        """The first lines of it."""
        return self._parser.format_usage()

    def error(self, message: str) -> NoReturn:
        """End the program, telling how it is used."""
        _check_text(message)
        self._parser.error(message)


Arguments.__name__ = Arguments.__qualname__ = "ArgumentParser"
Arguments.__module__ = "argparse"


def _check_text(text: Any) -> None:
    for part in text if isinstance(text, tuple) else (text,):
        if not isinstance(part, str | type(None)):
            raise TypeError("names and help of arguments are strings")
        if len(part or "") > LONGEST:
            raise ValueError(f"texts of arguments have at most {LONGEST} characters here")


def parser(runtime: "Runtime") -> Callable[..., Arguments]:
    """What a call of `ArgumentParser` runs."""

    def make(
        prog: Any = None,
        usage: Any = None,
        description: Any = None,
        epilog: Any = None,
        formatter_class: Any = None,
        **options: Any,
    ) -> Arguments:
        for text in (prog, usage, description, epilog):
            _check_text(text)
            runtime.meters.percent(text, {"prog": ""})
        unknown = set(options) - {"add_help", "allow_abbrev"}
        if unknown:
            raise TypeError(f"ArgumentParser() takes no '{min(unknown)}' in the lesson language")
        shown = _FORMATTERS.get(getattr(formatter_class, "__name__", ""), argparse.HelpFormatter)
        made = Parser(
            runtime,
            prog=prog or runtime.script.rpartition("/")[2],
            usage=usage,
            description=description,
            epilog=epilog,
            formatter_class=shown,
            **options,
        )
        return Arguments(runtime, made, made)

    return make


_FORMATTERS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        argparse.ArgumentDefaultsHelpFormatter,
        argparse.RawDescriptionHelpFormatter,
        argparse.RawTextHelpFormatter,
    )
}
