"""Small runs written by hand: `Run().leaf("x").op("y", "mul", "x x").tape()`."""

import numpy as np

from gradtui.language.source import Span
from gradtui.tape import events as e
from gradtui.tape.tape import Tape


class Run:
    """Tells a run in the words of the events; tensors are known by the names they are bound to."""

    def __init__(self, *, step: str = "one") -> None:
        self.events: list[e.AnyEvent] = [e.StepBegan(step=step)]
        self.step_id = step
        self.values: dict[str, e.Value] = {}
        self.grad_fns: dict[str, int | None] = {}
        self.leaves: dict[str, int] = {}
        self.line = 0
        self.tensors = self.nodes = self.passes = 0

    def tape(self) -> Tape:
        return Tape([*self.events, e.StepEnded(step=self.step_id)])

    def step(self, name: str) -> "Run":
        self.events += [e.StepEnded(step=self.step_id), e.StepBegan(step=name)]
        self.step_id, self.line = name, 0
        return self

    def statement(self, line: int | None = None, column: int = 0) -> Span:
        self.line = line or self.line + 1
        span = Span(self.line, column, self.line, column + 10)
        self.events.append(e.Statement(span=span))
        return span

    def value(self, numbers: object, grad: bool, leaf: bool) -> e.Value:
        array = np.asarray(numbers, np.float32)
        value = e.Value(self.tensors, array.shape, "float32", grad, leaf, 0, array.tobytes())
        self.tensors += 1
        return value

    def _bind(self, name: str, value: e.Value, span: Span) -> None:
        self.values[name] = value
        self.events.append(e.Bound(span=span, name=name, tensor=value.tensor))

    def leaf(self, name: str, numbers: object = (1.0, 2.0, 3.0), grad: bool = True) -> "Run":
        span = self.statement()
        value = self.value(numbers, grad, True)
        self.events.append(
            e.Operation(span=span, name="tensor", inputs=(), outputs=(value,), unrecorded="leaf")
        )
        self._bind(name, value, span)
        return self

    def _edge(self, name: str) -> tuple[tuple[e.Node, ...], e.Edge]:
        value = self.values[name]
        if not value.requires_grad:
            return (), e.Edge(None)
        if not value.is_leaf:
            return (), e.Edge(self.grad_fns[name])
        if name in self.leaves:
            return (), e.Edge(self.leaves[name])
        node = e.Node(self._node(), ACCUMULATE, (), (value.shape,), value.tensor)
        self.leaves[name] = node.id
        return (node,), e.Edge(node.id)

    def _node(self) -> int:
        self.nodes += 1
        return self.nodes - 1

    def op(
        self, names: str, op: str, inputs: str, numbers: object = (1.0, 2.0, 3.0), why: str = "",
        column: int = 0,
    ) -> "Run":  # fmt: skip
        """`names` and `inputs` are separated by spaces; several names are several outputs."""
        span = self.statement(column=column)
        taken = [self.values[name] for name in inputs.split()]
        grad = not why and any(value.requires_grad for value in taken)
        outputs = [self.value(numbers, grad, not grad) for _ in names.split()]
        nodes, grad_fn = self._recorded(op, inputs, outputs) if grad else ((), None)
        self.events.append(
            e.Operation(
                span=span, name=op, inputs=tuple(taken), outputs=tuple(outputs), nodes=nodes,
                grad_fn=grad_fn, unrecorded="" if grad else why or "inputs",
            )
        )  # fmt: skip
        for name, value in zip(names.split(), outputs, strict=True):
            self.grad_fns[name] = grad_fn
            if name != "_":
                self._bind(name, value, span)
        return self

    def _recorded(
        self, op: str, inputs: str, outputs: list[e.Value]
    ) -> tuple[tuple[e.Node, ...], int]:
        made, edges = [], []
        for name in inputs.split():
            nodes, edge = self._edge(name)
            made += nodes
            edges.append(edge)
        shapes = tuple(value.shape for value in outputs)
        node = e.Node(self._node(), f"{op.capitalize()}Backward0", tuple(edges), shapes)
        return (*made, node), node.id

    def loop(self, index: int, target: str = "epoch", line: int = 1, column: int = 0) -> "Run":
        span = Span(line, column, line, column + 20)
        self.events.append(e.Iteration(span=span, index=index, target=target))
        self.events.append(e.Bound(span=span, name=target, text=str(index)))
        return self

    def backward(self, root: str, gives: dict[str, object], free: bool = True) -> "Run":
        """Nodes pass on ones; each leaf of `gives` gets its numbers added."""
        span = self.statement(column=4)
        number, self.passes = self.passes, self.passes + 1
        start = self.grad_fns[root]
        assert start is not None
        self.events.append(
            e.BackwardBegan(
                span=span, number=number, call="backward", roots=(start,), vectors=(None,),
                retain_graph=not free, create_graph=False,
            )
        )  # fmt: skip
        ran = self._reachable(start)
        for node in ran:
            one = e.Value(-1, (), "float32", False, True, 0, np.float32(1).tobytes())
            products = tuple(one if edge.node is not None else None for edge in node.edges)
            self.events.append(
                e.NodeRan(span=span, number=number, node=node.id, cotangents=(one,),
                          products=products)
            )  # fmt: skip
        for name, numbers in gives.items():
            self._accumulate(number, name, numbers, span)
        freed = tuple(node.id for node in ran) if free else ()
        self.events.append(e.BackwardEnded(span=span, number=number, freed=freed))
        return self

    def _reachable(self, start: int) -> list[e.Node]:
        """The nodes a pass visits, the last recorded first."""
        known = {node.id: node for node in self._told()}
        found, stack = set(), [start]
        while stack:
            node = known[stack.pop()]
            found.add(node.id)
            stack += [edge.node for edge in node.edges if edge.node is not None]
        return [known[i] for i in sorted(found, reverse=True) if known[i].leaf is None]

    def _told(self) -> list[e.Node]:
        return [n for event in self.events if isinstance(event, e.Operation) for n in event.nodes]

    def _accumulate(self, number: int, name: str, numbers: object, span: Span) -> None:
        added = np.asarray(numbers, np.float32)
        before = self.values.get(f"{name}.grad")
        total = added if before is None else added + np.frombuffer(before.data, np.float32)
        if before is None:
            after = self.value(total, False, True)
        else:
            after = e.Value(before.tensor, before.shape, "float32", False, True,
                            before.version + 1, total.astype(np.float32).tobytes())  # fmt: skip
        self.values[f"{name}.grad"] = after
        amount = e.Value(-1, added.shape, "float32", False, True, 0, added.tobytes())
        self.events.append(
            e.Accumulated(span=span, number=number, tensor=self.values[name].tensor,
                          before=before, added=amount, after=after)
        )  # fmt: skip

    def zero(self, name: str) -> "Run":
        """`name.grad.zero_()`."""
        span = self.statement(column=4)
        before = self.values[f"{name}.grad"]
        after = e.Value(before.tensor, before.shape, "float32", False, True, before.version + 1,
                        bytes(len(before.data)))  # fmt: skip
        self.values[f"{name}.grad"] = after
        self.events += [
            e.Operation(span=span, name="zero_", inputs=(before,), outputs=(after,),
                        unrecorded="inputs", inplace=True),
            e.Changed(span=span, before=before, after=after,
                      owner=self.values[name].tensor, cause="zero_"),
        ]  # fmt: skip
        return self

    def printed(self, text: str) -> "Run":
        self.events.append(e.Printed(span=self.statement(), text=text + "\n"))
        return self


ACCUMULATE = "torch::autograd::AccumulateGrad"


def document() -> Run:
    """A run with most kinds of things in it: two passes over a loop, a cut, a print, an error."""
    run = Run().leaf("x").op("y", "add", "x").op("z", "mul", "y y").printed("tensor([1., 4., 9.])")
    run.backward("z", {"x": (2.0, 4.0, 6.0)})
    run.step("two").leaf("w", (1.0, 1.0)).leaf("c", (2.0, 2.0), grad=False)
    for epoch in range(3):
        run.loop(epoch, line=3)
        run.line = 3
        run.op("m", "mul", "w c", (2.0, 2.0), column=4).op("l", "sum", "m", 4.0, column=4)
        run.backward("l", {"w": (2.0, 2.0)}).zero("w")
    run.op("d", "detach", "w", (1.0, 1.0), why="detach")
    run.events.append(
        e.Raised(span=run.statement(), type="RuntimeError", message="does not require grad")
    )
    return run
