"""Edges of the graph for tensors, what may be changed while it is saved, raw saved tensors."""

import torch
from torch.autograd import graph
from torch.autograd.function import Function
from torch.autograd.variable import Variable
from torch.nn.modules.loss import MSELoss, _Loss
from torch.utils.hooks import RemovableHandle


def shown(label, call):
    try:
        print(label, call())
    except Exception as error:
        print(label, type(error).__name__, error)


x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = (x * 2).exp()
edge = graph.get_gradient_edge(y)
leaf = graph.get_gradient_edge(x)
print(edge._fields, edge.output_nr, leaf.node.variable is x)
shown("to an edge", lambda: torch.autograd.grad((y * 3).sum(), edge))
shown("to a leaf's", lambda: torch.autograd.grad((y * 3).sum(), [leaf, edge], retain_graph=True))
shown("from an edge", lambda: torch.autograd.grad(edge, x, torch.ones(3), retain_graph=True))
shown("its shape", lambda: torch.autograd.grad(edge, x, torch.ones(2)))
shown("no number", lambda: torch.autograd.grad(edge, x))
shown("into a leaf's", lambda: torch.autograd.backward((y * y).sum(), inputs=leaf))
print(x.grad)
shown("by name", lambda: torch.autograd.backward((x * 3).sum(), inputs={"x": x}))
print(x.grad)
values, places = torch.tensor([3.0, 1.0], requires_grad=True).sort()
shown("of several", lambda: torch.autograd.grad(values.sum(), graph.get_gradient_edge(values)))
shown("without", lambda: graph.get_gradient_edge(torch.ones(2)))

with graph.allow_mutation_on_saved_tensors():
    a = torch.ones(2, 3, requires_grad=True)
    b = a.clone()
    out = (b**2).sum() + (b.sin() * b).sum()
    b.mul_(3).sin_()
    out.backward()
    print(a.grad, b)
    late = (b * b).sum()
shown("outside", late.backward)

z = x**2
saved = z.grad_fn._raw_saved_self
print(torch.equal(saved.unpack(), x))
saved.register_hooks(lambda t: t * 2, lambda t: t / 4)
shown("twice", lambda: saved.register_hooks(lambda t: t, lambda t: t))
print(torch.autograd.grad(z.sum(), x))
shown("freed", lambda: saved.register_hooks(lambda t: t, lambda t: t))


class Cube(Function):
    @staticmethod
    def forward(ctx, given):
        ctx.save_for_backward(given)
        return given**3

    @staticmethod
    def backward(ctx, grad):
        (given,) = ctx.saved_tensors
        return 3 * given**2 * grad


cubes = Cube.apply(x)
(raw,) = cubes.grad_fn._raw_saved_tensors
raw.register_hooks(lambda t: t.detach() + 1, lambda t: t)
print(torch.autograd.grad(cubes.sum(), x))

w = torch.ones(2, requires_grad=True)
print(w.grad_dtype)
w.grad_dtype = torch.float64
(w * 3).sum().backward()
(w * 3).sum().backward()
print(w.grad, torch.autograd.grad((w * 2).sum(), w))
shown("kept", lambda: setattr(w, "grad_dtype", torch.float32))
shown("of another", lambda: setattr(w, "grad", torch.ones(2)))
w.grad = None
w.grad_dtype = None
w.grad = torch.ones(2).half()
print(w.grad, w.grad_dtype)
shown("no dtype", lambda: setattr(w, "grad_dtype", 3))
shown("no leaf", lambda: (w * 2).grad_dtype)

shown("transformed", lambda: torch.func.grad(lambda v: v.sum().backward())(torch.ones(2)))
with torch.autograd.set_multithreading_enabled(False):
    print(torch.autograd.grad((x * 2).sum(), x))
print(torch.is_anomaly_check_nan_enabled())
print(isinstance(x, Variable), Variable(torch.ones(2), requires_grad=True))
print(isinstance(x.register_hook(lambda g: None), RemovableHandle), issubclass(MSELoss, _Loss))
meta = x.exp().grad_fn._input_metadata[0]
print(meta.shape, meta.dtype, meta.device)
