"""autograd.functional with every option, and batched gradients."""

import torch


def show(name, f):
    try:
        print(name, "->", f())
    except Exception as error:
        print(name, "!!", type(error).__name__, str(error)[:600])


import warnings

warnings.simplefilter("ignore")
F = torch.autograd.functional
x = torch.tensor([1.0, 2.0])
y = torch.tensor([3.0, 4.0])
s = torch.tensor(2.0)
xr = torch.tensor([1.0, 2.0], requires_grad=True)
m = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
sq = lambda a: (a**2).sum()
pw = lambda a: a**2
two = lambda a, b: (a * b, (a + b).sum())
indep = lambda a, b: a * 2
lin = lambda a: a * 3
for name, f, i in [
    ("pw", pw, x),
    ("tup", pw, (x,)),
    ("two", two, (x, y)),
    ("indep", indep, (x, y)),
    ("m", lambda a: m @ a, x),
    ("sc", torch.sin, s),
    ("const", lambda a: torch.ones(2), x),
    ("rg", pw, xr),
    ("nt", lambda a: 3.0, x),
    ("nt2", lambda a: (a, 3.0), x),
    ("list", lambda a: [a], x),
    ("notin", pw, [x]),
    ("notin2", pw, (x, 1.0)),
    ("int", lambda a: a.long(), x),
    ("det", lambda a: a.detach() * a, x),
]:
    for kw in (
        {},
        {"create_graph": True},
        {"strict": True},
        {"vectorize": True},
        {"strategy": "forward-mode", "vectorize": True},
        {"create_graph": True, "strict": True},
        {"strategy": "forward-mode"},
        {"strategy": "forward-mode", "vectorize": True, "create_graph": True},
        {"strategy": "forward-mode", "vectorize": True, "strict": True},
        {"vectorize": True, "strict": True},
        {"strategy": "x"},
        {"vectorize": True, "create_graph": True},
    ):
        show(f"J {name} {kw}", lambda: F.jacobian(f, i, **kw))
for name, f, i in [
    ("sq", sq, x),
    ("cub", lambda a: (a**3).sum(), x),
    ("two", lambda a, b: (a * b**2).sum(), (x, y)),
    ("indep", lambda a, b: (a**2).sum(), (x, y)),
    ("lin", lambda a: a.sum(), x),
    ("vec", pw, x),
    ("one", lambda a: (a**3).sum(0, keepdim=True), x),
    ("tup", lambda a: ((a**3).sum(),), x),
    ("rg", lambda a: (a**3).sum(), xr),
    ("nt", lambda a: 3.0, x),
    ("sc", lambda a: a**3, s),
    ("const", lambda a: torch.tensor(1.0), x),
    ("exp", lambda a: (a.exp() * a).sum(), x),
    ("dot", lambda a: a @ a, x),
]:
    for kw in (
        {},
        {"create_graph": True},
        {"strict": True},
        {"vectorize": True},
        {"outer_jacobian_strategy": "forward-mode", "vectorize": True},
        {"create_graph": True, "strict": True},
        {"outer_jacobian_strategy": "forward-mode"},
        {"outer_jacobian_strategy": "z"},
        {"vectorize": True, "strict": True},
        {"outer_jacobian_strategy": "forward-mode", "vectorize": True, "create_graph": True},
    ):
        show(f"H {name} {kw}", lambda: F.hessian(f, i, **kw))
for fn in (F.vjp, F.jvp):
    for name, f, i, vs in [
        ("pw", pw, x, (None, y, (y,), s, (y, y), 3.0)),
        ("two", two, (x, y), ((x, s), (x, y), x, None)),
        ("indep", indep, (x, y), (x, (x, y))),
        ("sum", sq, x, (None, torch.tensor(2.0), x)),
        ("sc", torch.sin, s, (None, s)),
        ("const", lambda a: torch.ones(2), x, (y,)),
        ("lin", lin, x, (y,)),
        ("rg", pw, xr, (y,)),
        ("nt", lambda a: 3.0, x, (y,)),
        ("int", lambda a: a.long(), x, (y,)),
    ]:
        for v in vs:
            for kw in (
                {},
                {"create_graph": True},
                {"strict": True},
                {"create_graph": True, "strict": True},
            ):
                show(f"{fn.__name__} {name} {v} {kw}", lambda: fn(f, i, v, **kw))
for fn in (F.vhp, F.hvp):
    for name, f, i, vs in [
        ("cub", lambda a: (a**3).sum(), x, (None, y, (y,), s)),
        ("two", lambda a, b: (a * b**2).sum(), (x, y), ((x, y), x)),
        ("indep", lambda a, b: (a**2).sum(), (x, y), ((x, y),)),
        ("lin", lambda a: a.sum(), x, (y,)),
        ("vec", pw, x, (y,)),
        ("tup", lambda a: (a.sum(),), x, (y,)),
        ("sc", lambda a: a**3, s, (None, s)),
        ("rg", lambda a: (a**3).sum(), xr, (y,)),
        ("const", lambda a: torch.tensor(1.0), x, (y,)),
        ("sq", sq, x, (y,)),
    ]:
        for v in vs:
            for kw in (
                {},
                {"create_graph": True},
                {"strict": True},
                {"create_graph": True, "strict": True},
            ):
                show(f"{fn.__name__} {name} {v} {kw}", lambda: fn(f, i, v, **kw))
G = torch.autograd.grad
a = torch.tensor([1.0, 2.0], requires_grad=True)
b = torch.tensor([3.0, 4.0], requires_grad=True)
e = torch.eye(2)
show("b1", lambda: G(a**2, a, e, is_grads_batched=True))
show("b2", lambda: G(a**2 * b, (a, b), e, is_grads_batched=True))
show("b3", lambda: G((a**2, b * 2), (a, b), (e, e), is_grads_batched=True))
show("b4", lambda: G(a**2, a, torch.ones(2), is_grads_batched=True))
show("b5", lambda: G((a**2).sum(), a, torch.ones(3), is_grads_batched=True))
show("b6", lambda: G(a**2, (a, b), e, is_grads_batched=True))
show("b7", lambda: G(a**2, (a, b), e, is_grads_batched=True, allow_unused=True))
show("b9", lambda: G(a**2, a, None, is_grads_batched=True))
show("b10", lambda: G(a**2, a, torch.ones(2, 3), is_grads_batched=True))
show("b11", lambda: G((a**2, b), (a, b), (e, torch.ones(3, 2)), is_grads_batched=True))
show("b12", lambda: G(a**2, (a, b), e, is_grads_batched=True, materialize_grads=True))
show("b13", lambda: G(a**2, a, e.double(), is_grads_batched=True))
show("b14", lambda: G((a**2).sum(), a, is_grads_batched=True))
show("b15", lambda: G((a**2, a * 2), a, (e, None), is_grads_batched=True))
o = a**2
show("b16", lambda: (G(o, a, e, is_grads_batched=True), G(o, a, e, is_grads_batched=True)))
