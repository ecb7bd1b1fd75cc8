"""Rows of one node's Jacobian, read from the node itself in a run of its own, on either engine.

    look(program, torch, emit)      # of a program with a `look`

The program is run again up to the pass that is meant; there the node is run on basis vectors, and
the run ends. `emit` gets one `NodeRan` with some rows of every Jacobian, or nothing where the node
cannot be run. Nobody else hears of the run, so the lesson's own Functions may be called in it.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from gradtui.arrays.guest import world
from gradtui.language.errors import OverBudget
from gradtui.language.interpreter import Interpreter
from gradtui.language.observer import Act
from gradtui.language.program import Look, Program
from gradtui.tape import events as e
from gradtui.tape.graph_reader import is_custom, is_leaf_node, metadata, reachable
from gradtui.tape.jacobians import edge_shape, picked, stacked, sum_to
from gradtui.tape.passes import Request
from gradtui.tape.recorder import Recorder, forget, play_steps, silent
from gradtui.tape.snapshot import array, dtype_name, take

COLUMNS = 1 << 16  # entries of a row that is told

Emit = Callable[[e.AnyEvent], None]


class _Seen(OverBudget):
    """Ends the run: lesson code cannot catch it."""

    def __init__(self) -> None:
        super().__init__("cancelled", 0)


class _Looking(Recorder):
    """Tells of nothing but the rows it was sent for."""

    def __init__(self, torch: Any, wanted: Look, tell: Emit) -> None:
        super().__init__(torch, lambda event: None)
        self.wanted, self.tell = wanted, tell
        self.reader.left = 0

    def _backward(self, act: Act, asked: Request, proceed: Callable[[], Any]) -> Any:
        if self.passes < self.wanted.number:
            return super()._backward(act, asked, proceed)
        functions = [root.grad_fn for root in asked.roots]
        self.graph.discover(functions)
        for node in reachable(functions):
            if self.graph.id(node) == self.wanted.node and not is_leaf_node(node):
                with self.torch.no_grad():
                    self._tell(node)
        raise _Seen

    def _tell(self, node: Any) -> None:
        found, wanted = rows(self.torch, node), self.wanted
        moved = own_jvp(self.torch, node, wanted.tangents) if wanted.tangents else ()
        self.tell(
            e.NodeRan(
                number=wanted.number,
                node=wanted.node,
                cotangents=(),
                products=tuple(None if each is None else take(each) for each in moved),
                jacobians=found,
            )
        )


def look(program: Program, torch: Any, emit: Emit) -> None:
    """Runs the program up to the node that is meant, and tells the rows of its Jacobians."""
    assert program.look is not None
    forget(torch, program.seed)
    recorder = _Looking(torch, program.look, emit)
    interpreter = Interpreter(world(torch), program.limits, recorder, silent)
    play_steps(program, recorder, interpreter)


def rows(torch: Any, node: Any) -> tuple[e.Value | None, ...]:
    """Per edge some rows of the Jacobian of a node's first output; None where they cannot be read."""
    output, *others = metadata(node)
    shapes = [edge_shape(target, slot) for target, slot in node.next_functions]
    none: tuple[e.Value | None, ...] = (None,) * len(shapes)
    if not dtype_name(output.dtype).startswith("float"):
        return none
    shape = tuple(output.shape)
    which = picked(prod(shape))
    columns: list[list[Any]] = [[] for _ in shapes]
    run = runner(torch, node)
    try:
        for at in which:
            vector = torch.zeros(prod(shape), dtype=output.dtype)
            vector[at] = 1
            _add(columns, run(vector.reshape(shape), *[None] * len(others)), shapes)
    except Exception:
        return none
    return tuple(
        stacked(len(which), shape, column) for shape, column in zip(shapes, columns, strict=True)
    )


def own_jvp(torch: Any, node: Any, tangents: Sequence[Any]) -> tuple[Any, ...]:
    """J·u by the jvp() of the lesson's own Function; nothing where it has none, or it fails."""
    if torch.__name__ != "gradtui.engine" or not is_custom(node):
        return ()
    given: list[Any] = [None] * len(node.needs_input_grad)
    for place, numbers, (shape, dtype) in zip(node.places, tangents, node.inputs, strict=True):
        flat = numbers if numbers is not None else (0.0,) * prod(shape)
        given[place] = torch.tensor(list(flat)).to(torch.float64).reshape(shape)
        given[place] = given[place].to(getattr(torch, dtype.name))
    try:
        made = node.function.jvp(node.context, *given)
    except Exception:
        return ()
    found = made if isinstance(made, tuple) else (made,)
    return found if all(isinstance(each, torch.Tensor | None) for each in found) else ()


def runner(torch: Any, node: Any) -> Callable[..., Any]:
    """How a node is run by hand: that of a user's Function is no callable."""
    if is_custom(node) and torch.__name__ == "gradtui.engine":
        from gradtui.engine.backward import call_node

        return lambda *grads: call_node(node, grads)
    found: Callable[..., Any] = node.apply if is_custom(node) else node
    return found


def _add(columns: list[list[Any]], products: Any, shapes: Sequence[Any]) -> None:
    listed = products if isinstance(products, tuple) else (products,)
    for column, product, shape in zip(columns, listed, shapes, strict=False):
        if shape is not None and product is not None and prod(shape) <= COLUMNS:
            column.append(sum_to(array(product), shape))
