"""Edges of the graph in the place of tensors: what `grad` and `backward` take for them.

>>> import gradtui.engine as torch
>>> x = torch.tensor(3.0, requires_grad=True)
>>> y = x * 2
>>> torch.autograd.grad(y**2, torch.autograd.graph.get_gradient_edge(y))
(tensor(12.),)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gradtui.engine.node import AccumulateGrad, Output, accumulator
from gradtui.engine.tensor import Tensor, wrap


class GradientEdge(NamedTuple):
    """Where a gradient arrives: at output `output_nr` of `node`."""

    node: Any
    output_nr: int
    ownership_token: Any = None


GradientEdge.__module__ = "torch.autograd.graph"


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """The node and the number of its output that a tensor's gradient arrives at."""
    if not tensor.requires_grad:
        raise RuntimeError(
            "It is not possible to get the gradient edge for a Tensor that does not require "
            "gradients"
        )
    node = tensor.grad_fn
    return GradientEdge(accumulator(tensor) if node is None else node, tensor.output_nr)


def stand_in(edge: GradientEdge) -> Tensor:
    """A tensor whose gradient arrives at the edge: the leaf itself, or one without numbers."""
    node, number = edge.node, edge.output_nr
    if isinstance(node, AccumulateGrad):
        return node.variable
    shape, kind = node.outputs[number] if node.several else node.outputs
    made = wrap(np.broadcast_to(kind.type(0), shape))
    made._node, made._rg = Output(node, number) if node.several else node, True
    return made


def listed(value: Any) -> list[Any]:
    """Tensors or edges, one or several, as a list of tensors; TypeError for what holds none."""
    if value.__class__ is GradientEdge:
        return [stand_in(value)]
    if isinstance(value, Tensor):
        return [value]
    return [stand_in(v) if v.__class__ is GradientEdge else v for v in value]


def named_or_listed(inputs: Any, function: str) -> list[Any]:
    """What `function` takes to differentiate by, as tensors and edges: of a dict the values."""
    if type(inputs) is dict:
        found = list(inputs.values())
    elif isinstance(inputs, Mapping):
        raise TypeError(
            f"`inputs` argument to `{function}()` must be a dict, not {type(inputs).__name__}. Other "
            "Mapping types are not supported."
        )
    else:
        found = [inputs] if isinstance(inputs, (Tensor, GradientEdge)) else list(inputs)
    if not found:
        raise RuntimeError(f"`inputs` argument to `{function}()` cannot be empty.")
    return found


def required(tensor: Any) -> Any:
    """An input that is a tensor, or torch's error."""
    if not isinstance(tensor, Tensor):
        raise RuntimeError(
            "all inputs have to be Tensors or GradientEdges, but got " + type(tensor).__name__
        )
    return tensor


def kept_alone(inputs: list[Any]) -> list[Any]:
    """The tensors among them, whose gradients are kept where they are no leaves."""
    return [required(v) for v in inputs if v.__class__ is not GradientEdge]
