"""What random programs found of memory: versions, strides, what shares storage with what."""

import pytest
from parity import BITS, differences
from programs import PRELUDE

FOUND: dict[str, str] = {
    "what tensor() copies lies as a clone does": """
a = torch.arange(6.).reshape(2, 3)
for x in (a.t(), a.expand(2, 2, 3), a[:, ::2], a.t()[None].expand(2, 3, 2), a[:, :1].expand(2, 3)):
    print(torch.tensor(x).stride(), torch.tensor(x, dtype=torch.float64).stride(), x.new_tensor(x).stride())
""",
    "gradients are summed in place, as their versions tell": """
def tell(f, *shape):
    w = torch.ones(shape, requires_grad=True)
    f(w).sum().backward()
    print(w.grad._version, torch.autograd.grad(f(w).sum(), w)[0]._version)

def squared(v):
    return v * v

for shape in ((3,), (), (2, 3)):
    tell(squared, *shape)
    tell(lambda w: w + w, *shape)
    tell(lambda w: w * w * w + w * w, *shape)
    tell(lambda w: squared(w + 1), *shape)
    tell(lambda w: squared(w * 2), *shape)
    tell(lambda w: squared(w.clone()), *shape)
    tell(lambda w: squared(w.relu()), *shape)
    tell(lambda w: w.view(-1).sin() + w.view(-1).cos(), *shape)
    tell(lambda w: torch.stack([w, w]), *shape)
    tell(lambda w: w.mean() + squared(w).sum(), *shape)
    tell(lambda w: sum(w * i for i in range(5)), *shape)
""",
    "who else holds a gradient is not written to": """
w = torch.ones(3, requires_grad=True)
kept = []
v = w + 1
v.register_hook(kept.append)
(v * v).sum().backward()
print(w.grad._version, kept[0]._version, kept[0].data_ptr() == w.grad.data_ptr())
w = torch.ones(3, requires_grad=True)
y = w * w
y.grad_fn.register_hook(lambda i, o: kept.append(i))
y.sum().backward()
print(w.grad._version, kept)
w, ones = torch.ones(3, requires_grad=True), torch.ones(3)
((w + 1) + w).backward(ones)
print(w.grad._version, ones)
v = w + 1
g, h = torch.autograd.grad((v * v).sum(), (v, w))
print(g is h, g._version)
""",
    "a view of a gradient becomes the leaf's own": """
w, u, v = torch.ones(2, 3, requires_grad=True), torch.ones(2, 3, requires_grad=True), torch.ones(6)
w.view(-1).backward(v)
print(w.grad._version, w.grad._is_view(), w.grad.data_ptr() == v.data_ptr())
w.grad, v = None, torch.ones(4, 3)
torch.cat([w, u]).backward(v)
print(w.grad._version, u.grad._version, w.grad.data_ptr() == v.data_ptr())
w.grad = None
w.expand(2, 2, 3).sum().backward()
print(w.grad._version)
""",
    "gradients that torch builds in place": """
for f in (lambda w: w[[0, 1]], lambda w: w.gather(0, torch.tensor([0])), lambda w: w.max(0)[0],
          lambda w: w.max(), lambda w: w.index_select(0, torch.tensor([0])), lambda w: w.sort()[0],
          lambda w: w[0], lambda w: w[1:], lambda w: w.masked_select(w > 0), lambda w: w.repeat(2)):
    w = torch.arange(1., 5., requires_grad=True)
    f(w).sum().backward()
    print(w.grad._version)
""",
    "gradients of operands that lie otherwise than their cotangents": """
x, y = torch.ones(3, 4, requires_grad=True), torch.ones(4, 3).t().requires_grad_()
turned, rows = torch.ones(4, 3).t(), torch.ones(3, 4)
for f in (lambda a, b: a * b, lambda a, b: a / b, lambda a, b: F.relu(a) + F.leaky_relu(b),
          lambda a, b: torch.rsub(a, b), lambda a, b: F.gelu(a) * b.tanh(), torch.maximum,
          lambda a, b: F.softplus(a) + F.threshold(b, 0.1, 2.), lambda a, b: a ** b,
          lambda a, b: F.mse_loss(a, b, reduction='none'), lambda a, b: torch.where(a > b, a, b),
          lambda a, b: F.binary_cross_entropy_with_logits(a, b, reduction='none'),
          lambda a, b: F.soft_margin_loss(a, b.detach().sign(), reduction='none')):
    for a, b in ((x, y), (y, x)):
        out = f(a, b)
        print(out.stride())
        for v in (turned, rows, torch.tensor(1.).expand(3, 4)):
            for create in (False, True):
                found = torch.autograd.grad(out, (a, b), v, create_graph=create, allow_unused=True)
                print([g is not None and g.stride() for g in found])
""",
    "copies of what repeats its entries": """
x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
wide = x.expand(3, 2, 2)
print([t.stride() for t in (F.dropout(wide, 0.5), wide.index_put((torch.tensor([0]),), x[0]),
                            wide.index_fill(0, torch.tensor([0]), 2.), torch.zeros_like(wide))])
print(F.one_hot(torch.arange(6).reshape(2, 3).T, 7).stride(), F.dropout(wide, 0.5))
v = x.t().masked_select(x.t() > 1)
print(torch.autograd.grad(v.sum(), x)[0].stride())
""",
    "dimensions of one entry tell how to lie": """
a, b = torch.ones(2), torch.tensor([[3.], [4.]]).t().contiguous().t()
print(torch.kron(a, torch.ones(3).nonzero()).stride())
x = torch.ones(2, 1, 1).movedim(0, -1)
print((torch.ones(2, 2) % x).stride(), torch.ones(2, 3).t().unsqueeze(2).stride())
print(torch.ones(2, 3).t()[:, None].view(3, 1, 1, 2, 1).stride())
""",
    "changes that read what they have written": """
a, b, c, d = torch.eye(3), torch.eye(3), torch.eye(3), torch.arange(9.).reshape(3, 3)
a.add_(a.unbind(-1)[0])
b /= b.narrow(-1, 0, 1)
c %= c[0]
d.t().addcmul_(d.t(), d.diagonal())
x, y = torch.arange(4).expand(2, 4), torch.ones(2, 2, 2).expand(3, 2, 2, 2)
x.tril_()
for f in (lambda: y[None].tril_(), lambda: y.triu_()):
    try:
        print(f())
    except RuntimeError as error:
        print(error)
""",
    "what was written before an index was out of range": """
def put(x, index, value):
    try:
        x[index] = value
    except IndexError as error:
        print(error)
    print(x, x._version)

put(torch.zeros(3), torch.tensor([0, 1, 5, 2]), torch.tensor([1., 2., 3., 4.]))
put(torch.zeros(3, 2), torch.tensor([0, -1, 5, 2]), 1.)
put(torch.zeros(3, 3), (torch.tensor([0, 1, 2, 2]), torch.tensor([0, 1, 7, 2])), 1.)
put(torch.zeros(3, 3).t()[:2], torch.tensor([1, -3, 0]), 1.)
""",
    "a change through what repeats its entries cannot be differentiated": """
x = torch.ones(3, requires_grad=True)
for create in (False, True):
    y = x * x
    y.expand(2, 3).zero_()
    try:
        y.sum().backward(create_graph=create)
    except RuntimeError as error:
        print(error)
""",
    "operands that show the same memory with other strides": """
def attempt(f):
    try:
        print(f())
    except RuntimeError as error:
        print(error)

v, w = torch.ones(1, 3), torch.ones(1, 1)
leaf = torch.nn.Parameter(torch.ones(1, 1))
attempt(lambda: v[::2].add_(v))
attempt(lambda: v.add_(v[None]))
attempt(lambda: v.add_(v.expand(1, 3)))
attempt(lambda: w.__setitem__(..., w.squeeze()))
attempt(lambda: leaf.__setitem__(slice(0), leaf))
u = torch.ones(1, 1, requires_grad=True) * 1
attempt(lambda: u.split(1, 0)[0].__setitem__(..., u.unsqueeze(1)))
attempt(lambda: (u * u).unbind(-1)[0].add_(1))
with torch.inference_mode():
    t = torch.ones(3)
attempt(lambda: t.detach().add_(1))
attempt(lambda: t.detach()[None].add_(1))
""",
    "a watched leaf is the same to a view that was made anew": """
x = torch.ones(2, 3, requires_grad=True)
v = x[None]
watched(v.mean()).backward()
with torch.inference_mode():
    x.mul_(2)
(v + 1).sum().backward()
y = torch.ones(2, 3).t().requires_grad_()
w = y.select(-2, 0).select(-1, 0)
with torch.no_grad():
    y.mul_(2)
print(w.grad_fn(torch.ones_like(w)))
""",
    "a tangent that lies as its primal does": """
def slope(p, t):
    return torch.func.jvp(lambda a: a * a, (p,), (t,))[1]

x = torch.ones(5, requires_grad=True)
a, b = slope(torch.ones(3, 2), torch.ones(2, 3).t().requires_grad_().exp()), slope(torch.ones(3), x[1:4])
c, d = slope(torch.tensor(1.), x[2]), slope(torch.ones(1, 3), torch.ones(3, 1, requires_grad=True).t())
e = slope(torch.ones(5)[1:3], torch.ones(2, requires_grad=True))
""",
    "formulas are computed from the right, as C++ compilers order them": """
def order(output):
    nodes = walk(output.grad_fn)
    nodes = [n for n in nodes if "Accumulate" not in n.name()]
    ranks = sorted(n._sequence_nr() for n in nodes)
    print([(n.name(), ranks.index(n._sequence_nr())) for n in nodes])

x = torch.ones(2, 4, requires_grad=True)
for f in (torch.reciprocal, torch.rsqrt, lambda a: a / (a + 1), lambda a: a.softmax(-1), F.glu, F.mish,
          lambda a: a.log_softmax(-1)[0], torch.std, torch.var, F.gelu, lambda a: torch.atan2(a, a),
          lambda a: F.soft_margin_loss(a, a.detach()), lambda a: torch.inner(a, a),
          lambda a: torch.tensordot(a, a, 2), lambda a: torch.tensordot(a, a.t(), 1)):
    y = f(x)
    order(y)
    g, = torch.autograd.grad(y.sum(), x, create_graph=True)
    h, = torch.autograd.grad(g.sum(), x, create_graph=True)
    order(g)
    order(h)
""",
    "the norm of a matrix that lies by columns": """
x = torch.arange(1., 7.).reshape(2, 3).t().requires_grad_()
for f in (torch.norm, lambda a: a.norm(dim=0), lambda a: a.std(1), lambda a: a.norm(3)):
    for create in (False, True):
        print(torch.autograd.grad(f(x).sum(), x, create_graph=create)[0].stride())
""",
    "what is wrong with an operand's history is said before what is wrong with the call": """
w = torch.ones(3, requires_grad=True)
with torch.inference_mode():
    v = torch.ones(3)
first, *rest = w.clone()
first._base.mul_(2)
for f in (lambda: v.div_(torch.ones(2, requires_grad=True)), lambda: (w * 1).mul_(v[:2]),
          lambda: v.addcmul_(v, torch.ones(2, requires_grad=True)), lambda: w ** v.expand(2, 3)[:, :2],
          lambda: first ^ 0.5, lambda: first & w, lambda: v.mul_(w)):
    try:
        print(f())
    except (RuntimeError, NotImplementedError) as error:
        print(error)
""",
}


@pytest.mark.parametrize("program", FOUND.values(), ids=FOUND)
def test_agrees(program: str) -> None:
    assert not differences(program, BITS, PRELUDE)
