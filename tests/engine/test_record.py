"""What `record()` keeps: operations, nodes and leaves in order, with the numbers of their moment."""

import numpy as np
import pytest

import gradtui.engine as torch
from gradtui.engine import state
from gradtui.engine.record import record


def test_a_pass_is_kept_in_order():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with record() as tape:
        (x * 2).sum().backward()
    assert [e.name for e in tape] == [
        "mul", "sum", "SumBackward0", "MulBackward0", "AccumulateGrad",
    ]  # fmt: skip
    assert [e.kind for e in tape] == ["operation", "operation", "node", "node", "leaf"]
    assert tape[0].result.tolist() == [2.0, 4.0]
    assert tape[3].inputs[0].tolist() == [1.0, 1.0]
    assert tape[3].result[0].tolist() == [2.0, 2.0]
    assert tape[4].result.tolist() == [2.0, 2.0]


def test_numbers_are_those_of_the_moment():
    with record() as tape:
        x = torch.zeros(4)
        y = x + 1
        y.mul_(3)
        y[1:3] = 7
        y.view(2, 2)[1].add_(100)
        y.neg_()
    added = next(e for e in tape if e.name == "add")
    assert added.result.tolist() == [1.0] * 4
    results = [e.result.tolist() for e in tape if e.name in ("mul", "neg")]
    assert results == [[3.0] * 4, [-3.0, -7.0, -107.0, -103.0]]


def test_gradients_that_are_added_to_later_stay_as_they_arrived():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with record() as tape:
        for _ in range(3):
            (x * 3).sum().backward()
        x.grad.zero_()
    leaves = [e for e in tape if e.kind == "leaf"]
    assert [e.result.tolist() for e in leaves] == [[3.0, 3.0], [6.0, 6.0], [9.0, 9.0]]
    assert [e.inputs[0].tolist() for e in leaves] == [[3.0, 3.0]] * 3


def test_storage_in_column_order_keeps_its_numbers_too():
    with record() as tape:
        x = (torch.arange(6.0).reshape(2, 3).t() + 0).contiguous().t()
        y = x * 2
        y.add_(1)
    product = next(e for e in tape if e.name == "mul")
    assert np.array_equal(product.result, np.arange(6.0).reshape(2, 3) * 2)


def test_hooks_do_not_keep_nodes_off_the_tape():
    x = torch.tensor([1.0], requires_grad=True)
    x.register_hook(lambda grad: grad * 2)
    with record() as tape:
        (x * 5).backward()
    assert [e.name for e in tape if e.kind != "operation"][:1] == ["MulBackward0"]
    assert [e.result.tolist() for e in tape if e.kind == "leaf"] == [[10.0]]


def test_tapes_within_each_other_and_after_an_error():
    with record() as outer:
        a = torch.ones(2) + 1
        with pytest.raises(RuntimeError), record() as inner:
            a * torch.ones(3)
        with record() as second:
            a * 2
    assert (len(inner), len(second)) == (0, 1)
    assert [e.name for e in outer][-2:] == ["add", "mul"]
    assert state.tape is None
