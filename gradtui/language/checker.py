"""Reads lesson code and says, before anything runs, all that is not in the lesson language.

for complaint in check(Source("cell 1", text), world):
    print(complaint.line, complaint.column, complaint.message)
"""

import ast
import difflib
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import lru_cache
from typing import Any

from gradtui.language import late, tables
from gradtui.language.errors import Complaint, Refused
from gradtui.language.placement import misplaced
from gradtui.language.scopes import Comprehension
from gradtui.language.source import Source
from gradtui.language.spans import Spans
from gradtui.language.tables import is_dunder
from gradtui.language.world import ModuleView, World

LONGEST = 400_000  # characters of one source
DEEPEST = 90  # syntax nodes within one another
LONGEST_NUMBER = 100_000  # bits

REFUSED_BUILTINS = {
    "open": "files cannot be reached",
    "exec": "code cannot be made at run time",
    "eval": "code cannot be made at run time",
    "compile": "code cannot be made at run time",
    "__import__": "write an import statement",
    "input": "there is nobody to ask",
    "globals": "use the names themselves",
    "locals": "use the names themselves",
    "dir": "read the attributes themselves",
    "breakpoint": "there is no debugger",
    "help": "there is no pager",
    "bytes": "use str",
    "bytearray": "use list",
    "memoryview": "use list",
    "aiter": "asynchronous code is not run",
    "anext": "asynchronous code is not run",
    "__builtins__": "use the names themselves",
    "__loader__": "use the names themselves",
    "__spec__": "use the names themselves",
    "KeyboardInterrupt": "raise another exception",
    "GeneratorExit": "raise another exception",
    "BaseExceptionGroup": "raise one exception",
    "ExceptionGroup": "raise one exception",
}

INSTEAD = {
    "scipy": "use torch: torch.linalg, torch.special",
    "pandas": "write the numbers as lists and make tensors of them",
    "sklearn": "make the data with torch: torch.randn, torch.rand",
    "matplotlib": "print the numbers; the player draws the curves of a loop (C)",
    "seaborn": "print the numbers; the player draws the curves of a loop (C)",
    "torchvision": "make the data and the model with torch: torch.randn, nn.Sequential",
    "torchaudio": "make the data with torch: torch.randn",
    "tqdm": "loop over the iterable itself",
    "os": "files and the environment cannot be reached",
    "pathlib": "files cannot be reached",
    "shutil": "files cannot be reached",
    "tempfile": "files cannot be reached",
    "glob": "files cannot be reached",
    "pickle": "files cannot be reached; copy.deepcopy copies",
    "logging": "use print",
    "subprocess": "processes cannot be started",
    "multiprocessing": "processes cannot be started",
    "threading": "threads cannot be started",
    "asyncio": "asynchronous code is not run",
    "urllib": "the network cannot be reached",
    "requests": "the network cannot be reached",
    "socket": "the network cannot be reached",
    "inspect": "the interpreter cannot be reached",
    "re": "use the methods of str: find, split, replace, partition",
}

INSTEAD_OF = {
    **dict.fromkeys(
        (
            f"numpy.{name}"
            for name in (
                "load save savez savez_compressed loadtxt savetxt genfromtxt fromfile memmap"
                " DataSource fromregex"
            ).split()
        ),
        "files cannot be reached; write the numbers into the code",
    ),
    **dict.fromkeys(
        (f"numpy.{name}" for name in "object_ str_ bytes_ void record recarray char rec".split()),
        "arrays hold numbers; keep other things in lists",
    ),
    "numpy.frompyfunc": "map the function over a list",
    "numpy.matrix": "use numpy.array",
    "numpy.ma": "use a mask of truth values as index",
    "torch.compile": "use the function or module itself",
    "torch.jit": "use the function or module itself",
    "torch.bfloat16": "use torch.float16",
}

REFUSED_SYNTAX: dict[type[ast.AST], tuple[str, str]] = {
    ast.AsyncFunctionDef: ("async def", "write def"),
    ast.AsyncFor: ("async for", "write for"),
    ast.AsyncWith: ("async with", "write with"),
    ast.Await: ("await", "call the function"),
    ast.TryStar: ("except*", "write except"),
}


@lru_cache(2048)
def parse(source: Source) -> ast.Module:
    """The syntax tree of `source`; raises Refused with one complaint where there is none."""
    if len(source.text) > LONGEST:
        raise _refused(source, 1, 0, f"the code is longer than {LONGEST:,} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source.text)
    except SyntaxError as error:
        raise _syntax(source, error) from None
    except UnicodeError:
        raise _refused(source, *_surrogate(source.text), "not a character") from None
    except (RecursionError, MemoryError, OverflowError):
        raise _refused(source, 1, 0, "the code is nested too deeply; split it up") from None
    except ValueError as error:
        raise _refused(source, 1, 0, str(error)) from None


def _refused(source: Source, line: int, column: int, message: str) -> Refused:
    return Refused((Complaint(line, column, message),), source.name)


def _syntax(source: Source, error: SyntaxError) -> Refused:
    line = max(error.lineno or 1, 1)
    lines = source.text.split("\n")
    known = lines[line - 1] if line <= len(lines) else ""
    column = min(max((error.offset or 1) - 1, 0), len(known))
    message = error.msg or "invalid syntax"
    if "null bytes" in message:
        before = source.text.partition("\0")[0]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n") - 1
    return _refused(source, line, column, f"{type(error).__name__}: {message}")


def _surrogate(text: str) -> tuple[int, int]:
    for number, line in enumerate(text.split("\n"), 1):
        for column, character in enumerate(line):
            if "\ud800" <= character <= "\udfff":
                return number, column
    return 1, 0


def check(source: Source, world: World, known: Set[str] = frozenset()) -> tuple[Complaint, ...]:
    """Everything in `source` that is outside the lesson language, in its order.

    `known` are the names that mean something already.
    """
    return _check(source, world, frozenset(known & REFUSED_BUILTINS.keys()))


@lru_cache(2048)
def _check(source: Source, world: World, known: frozenset[str]) -> tuple[Complaint, ...]:
    try:
        tree = parse(source)
    except Refused as refused:
        return refused.complaints
    late.join(world, source.text)
    spans = Spans(source.text)
    nodes = _nodes(tree, spans)
    if isinstance(nodes, Complaint):
        return (nodes,)
    errors = tuple(misplaced(tree, nodes, spans))
    if errors:
        return errors
    return tuple(sorted(set(_Checker(world, spans, nodes, known).complaints())))


def _nodes(tree: ast.Module, spans: Spans) -> list[ast.AST] | Complaint:
    """Every node of the tree, or the complaint that it is too deep to be read at all."""
    found: list[ast.AST] = []
    pending: list[tuple[Any, int, tuple[int, int]]] = [(tree, 0, (1, 0))]
    while pending:
        node, depth, at = pending.pop()
        found.append(node)
        at = (node.lineno, node.col_offset) if hasattr(node, "lineno") else at
        if depth > DEEPEST:
            return Complaint(
                at[0], spans.column(*at), "the code is nested too deeply here; split it up"
            )
        pending.extend([(child, depth + 1, at) for child in ast.iter_child_nodes(node)])
    return found


class _Checker:
    def __init__(
        self, world: World, spans: Spans, nodes: Sequence[ast.AST], known: frozenset[str]
    ) -> None:
        self.world = world
        self.spans = spans
        self.nodes = nodes
        names = list(_bound_names(nodes))
        self.bound = known.union(names)
        self.modules = self._module_names(Counter(names))

    def _module_names(self, counts: Counter[str]) -> dict[str, str]:
        """The names that mean a module throughout: imported, and bound by nothing else."""
        found: dict[str, str] = {}
        for node in self.nodes:
            for name, module in _imported(node, self.world):
                if found.get(name, module) == module:
                    found[name] = module
                    counts[name] -= 1
        return {name: module for name, module in found.items() if counts[name] <= 0}

    def complaints(self) -> Iterator[Complaint]:
        for node in self.nodes:
            refused = REFUSED_SYNTAX.get(type(node))
            if refused is not None:
                what, mend = refused
                yield self._at(node, f"{what} is not in the lesson language; {mend}")
            inspect = _INSPECTORS.get(type(node))
            if inspect is not None:
                yield from inspect(self, node)

    def _at(self, node: ast.AST, message: str) -> Complaint:
        span = self.spans.of(node)
        return Complaint(span.line, span.column, message)

    def constant(self, node: ast.Constant) -> Iterator[Complaint]:
        if isinstance(node.value, bytes):
            yield self._at(node, "bytes are not in the lesson language; use a string without b")
        if isinstance(node.value, int) and node.value.bit_length() > LONGEST_NUMBER:
            yield self._at(node, "this number is too long")

    def name(self, node: ast.Name) -> Iterator[Complaint]:
        mend = REFUSED_BUILTINS.get(node.id)
        if mend and node.id not in self.bound:
            yield self._at(node, f"{node.id} is not in the lesson language: {mend}")
        elif not isinstance(node.ctx, ast.Load) and node.id.startswith("__builtins"):
            yield self._at(node, f"{node.id} is not in the lesson language")

    def attribute(self, node: ast.Attribute) -> Iterator[Complaint]:
        view = self._view(node.value)
        if view is not None:
            yield from self._member(node, view, node.attr)
        elif is_dunder(node.attr) and node.attr not in _KNOWN_DUNDERS:
            yield self._at(node, f"the attribute {node.attr} is not in the lesson language")

    def _view(self, node: ast.expr) -> ModuleView | None:
        """The module an expression certainly means."""
        if isinstance(node, ast.Name):
            return self.world.modules.get(self.modules.get(node.id, ""))
        if isinstance(node, ast.Attribute):
            owner = self._view(node.value)
            member = owner.members.get(node.attr) if owner is not None else None
            return member if isinstance(member, ModuleView) else None
        return None

    def _member(self, node: ast.AST, view: ModuleView, name: str) -> Iterator[Complaint]:
        if name not in view.members and name not in ("__name__", "__doc__"):
            full = f"{view.module_name}.{name}"
            mend = INSTEAD_OF.get(full)
            hint = f"; {mend}" if mend else nearest(name, view.members, f"{view.module_name}.")
            yield self._at(node, f"{full} is not in the lesson language{hint}")

    def import_(self, node: ast.Import) -> Iterator[Complaint]:
        for alias in node.names:
            if alias.name not in self.world.modules:
                yield self._at(alias, self._no_module(alias.name))

    def _no_module(self, name: str) -> str:
        offered = ", ".join(sorted(n for n in self.world.modules if "." not in n and "_" not in n))
        mend = INSTEAD.get(name.partition(".")[0])
        if mend is not None:
            return f"the module {name} is not in the lesson language; {mend}"
        hint = nearest(name, self.world.modules)
        return f"the module {name} is not in the lesson language{hint or f'; there are {offered}'}"

    def import_from(self, node: ast.ImportFrom) -> Iterator[Complaint]:
        module = node.module or ""
        if node.level or module not in self.world.modules:
            yield self._at(node, self._no_module("." * node.level + module))
            return
        for alias in node.names:
            if alias.name == "*":
                yield self._at(alias, "import * is not in the lesson language; name what you need")
            elif module != "__future__":
                yield from self._member(alias, self.world.modules[module], alias.name)

    def class_(self, node: ast.ClassDef) -> Iterator[Complaint]:
        for keyword in node.keywords:
            if keyword.arg is None:
                yield self._at(keyword, "** in a class statement is not in the lesson language")
            elif keyword.arg == "metaclass" and not ast.unparse(keyword.value).endswith("ABCMeta"):
                yield self._at(
                    keyword, "a metaclass other than ABCMeta is not in the lesson language"
                )
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and _refused_dunder(part.name):
                yield self._at(
                    part, f"{node.name}.{part.name} cannot be defined in the lesson language"
                )

    def function(self, node: ast.FunctionDef) -> Iterator[Complaint]:
        for part in _own_nodes(node):
            if isinstance(part, ast.Yield | ast.YieldFrom) and not _stands_alone(node, part):
                yield self._at(
                    part,
                    "yield within an expression is not in the lesson language;"
                    " write it as a statement of its own, x = yield y at most",
                )

    def lambda_(self, node: ast.Lambda) -> Iterator[Complaint]:
        for part in ast.walk(node.body):
            if isinstance(part, ast.Yield | ast.YieldFrom):
                yield self._at(part, "yield in a lambda is not in the lesson language; use def")

    def comprehension(self, node: Comprehension) -> Iterator[Complaint]:
        if any(part.is_async for part in node.generators):
            yield self._at(node, "async for is not in the lesson language; write for")
        for part in ast.walk(node):
            if isinstance(part, ast.Yield | ast.YieldFrom):
                yield self._at(part, "yield in a comprehension is not in the lesson language")

    def match_class(self, node: ast.MatchClass) -> Iterator[Complaint]:
        for name in node.kwd_attrs:
            if name.startswith("_"):
                yield self._at(node, f"the attribute {name} is not in the lesson language")


def nearest(name: str, known: Iterable[str], prefix: str = "") -> str:
    """`; did you mean …?` for the known name closest to `name`, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {prefix}{close[0]}?" if close else ""


def _refused_dunder(name: str) -> bool:
    return is_dunder(name) and name not in tables.DEFINABLE_DUNDERS


_KNOWN_DUNDERS = (
    tables.DEFINABLE_DUNDERS
    | tables.READABLE_DUNDERS
    | tables.SUPER_DUNDERS
    | {"__class__", "__dict__", "__mro__", "__bases__", "__wrapped__"}
)


def _imported(node: ast.AST, world: World) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            yield bound, alias.name if alias.asname else bound
    elif isinstance(node, ast.ImportFrom) and node.module in world.modules:
        for alias in node.names:
            member = world.modules[node.module].members.get(alias.name)
            if isinstance(member, ModuleView):
                yield alias.asname or alias.name, member.module_name


def _bound_names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Every name that one of the nodes binds, once for each time it does."""
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name


def _own_nodes(node: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function's body, those of functions within it left out."""
    pending: list[ast.AST] = [*node.body]
    while pending:
        part = pending.pop()
        yield part
        if not isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(part))


def _stands_alone(function: ast.FunctionDef, node: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Expr | ast.Assign | ast.Return) and part.value is node
        for part in _own_nodes(function)
    )


Inspector = Callable[[Any, Any], Iterator[Complaint]]
_INSPECTORS: dict[type[ast.AST], Inspector] = {
    ast.Constant: _Checker.constant,
    ast.Name: _Checker.name,
    ast.Attribute: _Checker.attribute,
    ast.Import: _Checker.import_,
    ast.ImportFrom: _Checker.import_from,
    ast.ClassDef: _Checker.class_,
    ast.FunctionDef: _Checker.function,
    ast.Lambda: _Checker.lambda_,
    ast.MatchClass: _Checker.match_class,
    ast.ListComp: _Checker.comprehension,
    ast.SetComp: _Checker.comprehension,
    ast.DictComp: _Checker.comprehension,
    ast.GeneratorExp: _Checker.comprehension,
}
