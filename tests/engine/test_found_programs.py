"""What random programs found, each mended and kept as a short program that both engines agree on."""

import pytest
from parity import BITS, differences
from programs import PRELUDE

FOUND: dict[str, str] = {
    "which of equal entries are among the greatest": """
x = torch.tensor([1., 1, 1, 1, 1], requires_grad=True)
y = torch.tensor([[3, 3, 1, 3, 2, 2], [1, 1, 2, 2, 3, 3]])
print(x.topk(3), y.topk(4), y.topk(2, 1, False), torch.zeros(100).topk(3), y.topk(3, sorted=False))
x.topk(2)[0].sum().backward()
g = x.grad.clone()
""",
    "solutions for a vector each, and norms into an output": """
a = torch.tensor([[[2., 1.], [0., 4.]], [[1., 0.], [3., 1.]]], requires_grad=True)
b = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
x = torch.linalg.solve(a, b)
(x * x).sum().backward()
out = torch.empty(0)
n = torch.linalg.norm(b.detach(), out=out)
print(torch.linalg.inv(a.detach()).stride(), torch.tensor([1., 2.]).polygamma(1))
""",
    "what is wrong with a draw or a bound is said before memory is looked at": """
def said(work):
    try:
        print(work())
    except Exception as error:
        print(type(error).__name__, error)
said(lambda: torch.ones(3, dtype=torch.int64).expand(2, 3).uniform_())
said(lambda: torch.tensor([True, False, True]).expand(2, 3).clamp_(-1, 1))
said(lambda: torch.tensor(True).remainder_(torch.tensor(0, dtype=torch.int8)))
said(lambda: torch.tensor([True, False]).random_(3))
said(lambda: torch.tensor([True, False]).random_(2))
said(lambda: torch.zeros(2, dtype=torch.uint8).random_(300))
said(lambda: torch.zeros(2, dtype=torch.float16).random_(300000))
""",
    "empty vectors are joined along any dimension": """
v = torch.ones(0, requires_grad=True)
w = torch.cat([v, v], 1)
""",
    "an index with two ellipses, products of no dimensions, a likelihood of one number": """
def said(work):
    try:
        print(work())
    except Exception as error:
        print(type(error).__name__, error)
x = torch.ones(2, 2, 3)
said(lambda: x[..., ..., :-1])
said(lambda: x[..., ..., 0])
said(lambda: x[0, ..., ..., [0]])
said(lambda: torch.einsum('ij,j->i', torch.ones(2, 0), torch.ones(4)))
said(lambda: torch.mv(torch.tensor(1.), torch.ones(3)))
said(lambda: F.cross_entropy(torch.tensor(1.), torch.tensor(1.)))
said(lambda: F.nll_loss(torch.tensor(1.), torch.tensor(0)))
""",
    "halves are multiplied and added as floats": """
a, b, c = (torch.randn(9).half() for _ in range(3))
d, e = torch.addcmul(a, b, c, value=0.5), torch.addcdiv(a, b, c, value=0.5)
""",
    "what convolutions refuse": """
def said(work):
    try:
        print(work())
    except Exception as error:
        print(type(error).__name__, error)
o = torch.ones
said(lambda: F.conv_transpose1d(o(1, 1, 3), o(1, 1, 2), output_padding=1))
said(lambda: F.conv_transpose2d(o(1, 1, 3, 3), o(1, 1, 2, 2), stride=2, output_padding=2))
said(lambda: F.conv_transpose1d(o(1, 1, 3), o(1, 1, 2), output_padding=-1))
said(lambda: F.conv_transpose1d(o(2, 3), o(2, 3, 3), padding=5))
said(lambda: F.conv_transpose1d(o(2, 3), o(2, 3, 3), o(2)))
said(lambda: F.conv1d(o(2, 3), o(2, 2, 3), o(3)))
said(lambda: F.conv1d(o(2, 3), o(2, 2, 3), stride=(1, 2)))
said(lambda: F.conv1d(o(2, 3), o(3, 1, 3), groups=2))
said(lambda: F.conv1d(o(2, 3), o(2, 2, 3).double()))
""",
    "a graph that keeps the accumulator of a leaf whose hooks are gone": """
x = torch.ones(3, requires_grad=True)
kept = x.sum()
end = kept.grad_fn.next_functions[0][0]
hook = end.register_prehook(lambda g: None)
y = x * 3
hook.remove()
y.sum().backward(retain_graph=True)
print(x.grad, torch.autograd.grad(y.sum(), x))
z = x * x + x * 2
z.sum().backward()
x.view(3).sum().backward()
torch.autograd.backward([x * 1], [torch.ones(3)], inputs=[x])
print(x.grad, (x * 4).grad_fn.next_functions[0][0] is end)
""",
    "a part of a plain tensor times a leaf": """
w = torch.tensor([2., 3.], requires_grad=True)
a, b, c = torch.ones(3), torch.ones(3), torch.ones(3)
a[:2].mul_(w)
b[:2].div_(w)
c[c > 0] *= w[0]
(a * a + b * b + c).sum().backward()
g = w.grad.clone()
""",
    "a number in a mask": """
w = torch.ones(1, requires_grad=True)
v = torch.tensor(-1.5) * 1
v[v > 0] += w
g, = torch.autograd.grad(v.mean(), w)
""",
    "what copysign needs of the sign is not saved": """
x = torch.tensor([1., -2.], requires_grad=True)
s = torch.tensor([-1., 1.], requires_grad=True) * 1
y = torch.copysign(x, s)
s.mul_(2)
y.sum().backward()
g = x.grad.clone()
""",
    "a change through a view of a column-major base": """
x = torch.ones(2, 3, requires_grad=True)
a = x.t() * torch.arange(6.).reshape(3, 2)
a[0] *= 5
(a * a).sum().backward()
""",
    "a second gradient through a change of a slice": """
x = torch.ones(2, 3, requires_grad=True)
a = x * x
b, c = a.view(-1), a.view(-1)
b.mul_(2)
v = c * c
g, = torch.autograd.grad((v * v).sum(), x, create_graph=True)
h, = torch.autograd.grad((g * g).sum(), x, create_graph=True)
""",
    "gradients are computed in the order of the arguments' names": """
x = torch.tensor([2., 3.], requires_grad=True)
y = (x * x + 1) * x
g, = torch.autograd.grad((y * y).sum(), x, create_graph=True)
h, = torch.autograd.grad(g.sum(), x, create_graph=True)
""",
    "an expanded view spreads its gradient over one entry": """
a = torch.ones(2, 1, requires_grad=True) * 1
v = a.expand(2, 3)
a.mul_(2)
v.sum().backward()
""",
    "a leaf behind the node that failed has not accumulated": """
v = torch.tensor([2., 3.], requires_grad=True)
w = v.abs()
torch.autograd.grad((w * w).sum(), v)
try:
    torch.autograd.backward([w.sum(), v.sum()])
except RuntimeError as error:
    print(error)
print(v.grad)
""",
    "a number put into a slice leaves one edge": """
x = torch.ones(3, requires_grad=True) * 2
x[0] = 5
print(x.grad_fn.next_functions[1:])
""",
    "0-d results are no aliases": """
x = torch.tensor(2.5)
a, b = x.kthvalue(1, 0).values, x.cummax(0)[0]
c, d = x.sort().values, x.clone()
for y in (a, b, c, d):
    y.zero_()
print(x)
""",
    "what is put into an expanded tensor shows in all of it": """
x = torch.tensor([1, 2, 3])
v = x.broadcast_to((2, 3))
v[[[0]], 0] = 7
print(v ** 2, x)
""",
    "a draw in place leaves a node, and none is drawn where it may not be put": """
torch.manual_seed(0)
x = torch.ones(3, requires_grad=True)
try:
    x.normal_()
except RuntimeError as error:
    print(error)
y = torch.zeros(2, 3).t() * x[:2]
y.uniform_()
z = (x * 2)
z.bernoulli_()
""",
    "a custom function changes a view": """
x = torch.ones(4, requires_grad=True)
y = x * 2
z = Stretch.apply(y[1:3])
print(y._version, y.grad_fn.name())
(y * y).sum().backward()
""",
    "a custom function has edges for tensors only": """
x = torch.ones(3, requires_grad=True)
y, signs, more = Parts.apply(x * 1, 2)
print(y.grad_fn.next_functions[0][0].name(), len(y.grad_fn.next_functions))
(y + more).sum().backward()
""",
    "a custom function's saved output is changed": """
x = torch.ones(3, requires_grad=True)
y = Product.apply(x, x * 2)
y.mul_(2)
try:
    y.sum().backward()
except RuntimeError as error:
    print(error)
""",
    "what a hook returns is checked, by its name": """
def halved(g):
    return g[:1]
for hook in (halved, lambda g: 3, lambda g: g.double()):
    x = torch.ones(2, requires_grad=True)
    x.register_hook(hook)
    try:
        (x * 1).sum().backward()
    except (RuntimeError, TypeError) as error:
        print(type(error).__name__, error)
""",
    "a mask of no dimensions picks all or nothing": """
x = torch.tensor(2.)
print(x[x > 0], x[x < 0], x[True], x[False])
x[x > 0] = 3
print(x)
""",
    "comparisons in place": """
x = torch.ones(3, requires_grad=True) * 2
y = torch.ones(3, requires_grad=True)
x.eq_(y)
x.sum().backward()
z = torch.ones(3, requires_grad=True) * 1
z.gt_(0)
z.logical_not_()
""",
    "integers copy from what is followed and are not": """
x = torch.randn(3, requires_grad=True)
n = torch.zeros(3, dtype=torch.int64)
n.copy_(x)
try:
    x.sum(dtype=torch.int32)
except RuntimeError as error:
    print(error)
""",
    "Python's conversions of several entries": """
for convert in (float, int, complex, bool):
    try:
        convert(torch.ones(2))
    except (ValueError, RuntimeError) as error:
        print(type(error).__name__, error)
""",
    "detaching in inference mode does nothing": """
x = torch.ones(2, requires_grad=True)
with torch.inference_mode():
    x.detach_()
print(x.requires_grad)
""",
    "copies of expanded and turned tensors keep the order of dimensions": """
x = torch.ones(2, 3).t().expand(2, 3, 2)
a, b, c = x.clone(), torch.zeros_like(x), x.double()
d, e = x.cumsum(0), x.std(2, keepdim=True)
""",
    "what a node never saved is None after it was freed": """
x = torch.randn(3, requires_grad=True) * 2
x.sum().backward()
print(x.grad_fn._saved_self)
""",
    "a gradient that repeats one number can be changed": """
x = torch.ones(2, 3, requires_grad=True)
g, = torch.autograd.grad(x.sum(), x)
g[g > 0] *= 2
print(g)
""",
    "quarter turns": """
x = torch.arange(6).reshape(2, 3)
print(x.rot90(), x.rot90(2), x.rot90(1, (1, 0)))
""",
    "the gradient of a gradient accumulates in the leaf's layout": """
x = torch.ones(2, 3).t().requires_grad_()
(x * torch.ones(3, 2)).sum().backward(create_graph=True)
print(x.grad.stride())
""",
    "a custom function changes a leaf, a kept gradient, and what nobody follows": """
def attempt(f):
    try:
        print(f())
    except RuntimeError as error:
        print(error)
leaf = torch.ones(2, 3).t().requires_grad_()
attempt(lambda: Stretch.apply(leaf))
b = torch.ones(2, requires_grad=True) * 2
b.retain_grad()
Stretch.apply(b).sum().backward()
print(b.grad)
Stretch.apply(b)
print(b.grad)
with torch.no_grad():
    print(Stretch.apply(b).requires_grad, Same.apply(leaf).grad_fn)
""",
    "integers with a history are followed no further": """
n = torch.zeros((3, 3), dtype=torch.int32)
x = torch.eye(3, requires_grad=True)
n.eq_(x)
for f in (
    lambda: n.t_(), lambda: n * 2, lambda: n[0], lambda: n.clone(), lambda: n.sum(),
    lambda: n.pow_(x), lambda: n.fill_(x.sum()), lambda: n.long(), lambda: n + x, lambda: n.detach(),
):
    try:
        print(f())
    except RuntimeError as error:
        print(error)
""",
    "numbers put into bytes": """
v = torch.arange(6, dtype=torch.uint8).reshape(2, 3)
zeros = torch.zeros_like(v).long()
for number in (-1, -2.5, 300):
    for f in (
        lambda: v.fill_(number), lambda: v.scatter(0, zeros, number),
        lambda: v.masked_fill(v > 0, number), lambda: v.index_fill(0, torch.tensor([0]), number),
    ):
        try:
            print(f())
        except RuntimeError as error:
            print(error)
""",
    "in which order an index is looked at": """
x = torch.eye(3)
few = torch.tensor([0, 1], dtype=torch.int8)
print(x[few[1]])
for key, value in (
    (few, x), (few, 1), ([0, 5], 1), ([0, 5], torch.ones(7)), ([0, 5], torch.ones(3).long()),
    ([0, 5], torch.ones(7).long()), (([0, 1], [0, 1, 2]), torch.ones(7).long()),
    (torch.tensor([True, False]), 1), (torch.tensor([True, False, True]), torch.tensor(2)),
):
    try:
        x[key] = value
    except (RuntimeError, IndexError) as error:
        print(type(error).__name__, error)
try:
    x.requires_grad_()[[0, 0]] = torch.ones(7).long()
except RuntimeError as error:
    print(error)
""",
    "masks come first in what does not fit": """
x, mask = torch.ones(2, 3), torch.ones(2, 2) > 0
for f in (
    lambda: x.masked_select(mask), lambda: x.masked_fill(mask, 1), lambda: x.masked_fill_(mask, 1),
    lambda: x.masked_scatter(mask, x), lambda: x.masked_fill_(torch.ones(4, 2, 3) > 0, 1),
):
    try:
        f()
    except RuntimeError as error:
        print(error)
""",
    "rows that were added are saved": """
x = torch.ones(2, 3, requires_grad=True) * 2
y = x.index_add(0, torch.tensor([0]), x[:1])
print(x.masked_select(x > 0).grad_fn._saved_self)
x.mul_(2)
y.sum().backward()
""",
    "a result that was turned in place is spoilt": """
x = torch.ones(3, 2, requires_grad=True).exp()
x.transpose_(0, 1)
x.sum().backward()
""",
    "a parameter without the attribute": """
try:
    torch.nn.Parameter(torch.ones(2)).nosuch
except AttributeError as error:
    print(error)
""",
    "products name their dtypes before their sizes": """
x, n, d = torch.ones(2, 3), torch.ones(3, 2).long(), torch.ones(2, 2).double()
for f in (
    lambda: x @ n, lambda: x @ n[:, 0], lambda: n.t() @ x[0], lambda: x[None] @ n[None],
    lambda: F.linear(x, d, x), lambda: torch.nn.Linear(3, 2)(d), lambda: torch.addmm(x, x, n),
    lambda: torch.addmv(x[0], x, x[0]), lambda: torch.addmv(x, x, x[0]),
    lambda: torch.addmv(x[0, :2].double(), x, x[0]), lambda: n.int() @ n.t(),
):
    try:
        print(f())
    except RuntimeError as error:
        print(error)
""",
    "losses and activations of integers": """
n, x = torch.arange(3), torch.ones(3)
for f in (F.mse_loss, F.smooth_l1_loss, F.huber_loss, F.soft_margin_loss, F.kl_div):
    for a, b in ((n, n), (n, x), (x, n)):
        try:
            print(f(a, b))
        except (RuntimeError, NotImplementedError) as error:
            print(error)
for f in (F.leaky_relu, F.celu, F.dropout, lambda m: m.bool().clamp(False, True)):
    try:
        print(f(n))
    except (RuntimeError, NotImplementedError) as error:
        print(error)
""",
    "norms of nothing": """
x = torch.ones(2, 0)
for order in (-1, 0, 2, float("inf"), -1.5):
    for dim in (None, 1, 0):
        try:
            print(x.norm(order, dim))
        except RuntimeError as error:
            print(error)
print(torch.arange(0) % 0, torch.arange(0) // 0, torch.hstack([torch.tensor(1), torch.ones(0)]))
try:
    x.scatter(0, torch.tensor([[0]]), 1)
except RuntimeError as error:
    print(error)
""",
    "gelu of infinity, and zeros that keep their sign": """
inf = float("inf")
print(F.gelu(torch.tensor([inf, -inf])), F.gelu(torch.tensor(inf)))
v = torch.tensor([-3.0, -0.0, 0.0]).double()
print(torch.add(v, v, alpha=2), torch.lerp(torch.eye(2), torch.tensor(-0.0), torch.eye(2)))
""",
    "what runs through gradients that layer_norm records": """
x = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
w = torch.ones(3, dtype=torch.float64, requires_grad=True)
y = F.layer_norm(x.detach(), (3,), w)
g, = torch.autograd.grad((y ** 3).sum(), w, create_graph=True)
print(g.grad_fn.name(), g.output_nr, [n and n.name() for n, _ in g.grad_fn.next_functions])
y = F.layer_norm(x, (3,))
g, = torch.autograd.grad((y ** 3).sum(), x, create_graph=True)
print([n and n.name() for n, _ in g.grad_fn.next_functions])
del y, g
""",
    "hardsigmoid is differentiated once": """
x = torch.ones(2, requires_grad=True)
g, = torch.autograd.grad(F.hardsigmoid(x).sum(), x, create_graph=True)
print(g.grad_fn.name())
try:
    g.sum().backward()
except RuntimeError as error:
    print(error)
""",
    "a gradient is a view where a pass made it one": """
x = torch.ones(2, 3, requires_grad=True)
g, = torch.autograd.grad(x.sum(), x)
for f in (lambda: g.mul_(x), lambda: g.detach_(), lambda: g.view(-1).zero_(), lambda: g):
    try:
        print(f())
    except RuntimeError as error:
        print(error)
""",
    "hooks of a leaf that was detached run": """
x = torch.ones(3, requires_grad=True)
y = x * 2
x.register_hook(print)
x.detach_()
y.sum().backward()
""",
    "powers by bools have no derivative": """
x = torch.ones(3, 2, requires_grad=True)
y = x ** torch.tensor([True, False])
for create in (False, True):
    try:
        torch.autograd.grad(y.sum(), x, create_graph=create)
    except RuntimeError as error:
        print(error)
""",
    "a saved result that was changed through a view leads through its base": """
x = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
y = x * 2
y[0].sigmoid_()
(y * y).sum().backward(create_graph=True)
""",
    "numbers weigh the same in float16": """
x = torch.ones(3, requires_grad=True)
y = x.half()
y.pow_(2)
g = y.grad_fn(torch.ones_like(y))
""",
    "hooks and kept gradients of a view whose memory was changed": """
for change in (lambda b, v: b.mul_(2), lambda b, v: v.mul_(2)):
    b = torch.ones(4, requires_grad=True) * 2
    v = b[:2]
    v.register_hook(print)
    v.retain_grad()
    change(b, v)
    v.sum().backward()
    print(v.grad)
""",
    "of two zeros the first is the extreme": """
for entries in ([0.0, -0.0], [-0.0, 0.0], [-0.0, 0.0, -0.0], [1.0, 0.0, -0.0]):
    t = torch.tensor(entries)
    u = torch.stack([t, t.flip(0)], 1)
    print(t.amax(0), t.amin(), t.max(), t.min(), u.amax(0), u.t().amin(1))
""",
    "what is picked of a turned tensor lies as it did": """
x = torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1)
a, b, c = x[torch.tensor([[0, 1]])], x[:, [0, 1, 0]], x[[0, 1], :, [0, 1]]
d, e, f = 2 ** x[0], x[torch.tensor(True)], x[x[:, :, 0] > 3]
""",
    "gradients that torch builds in a tensor of zeros": """
x = torch.tensor([3.0, 1.0, 2.0], requires_grad=True)
for f in (
    lambda a: a.gather(0, torch.tensor([0])), lambda a: a[[0]], lambda a: a.max(),
    lambda a: a.sort().values, lambda a: a.cummax(0)[0], lambda a: a.take(torch.tensor([0])),
    lambda a: a.masked_select(a > 0), lambda a: a.index_select(0, torch.tensor([0])),
):
    g, = torch.autograd.grad(f(x).sum() * x.sum(), x, create_graph=True)
    h, = torch.autograd.grad((f(x) * f(x)).sum(), x, create_graph=True)
    print(f(x).grad_fn(torch.ones_like(f(x)))._version, h.grad_fn.name())
""",
    "limits wider than what they hold": """
x = torch.ones(3, requires_grad=True)
low = torch.zeros(2, 3, requires_grad=True)
try:
    x.clamp(low, x).sum().backward()
except RuntimeError as error:
    print(error)
""",
    "what a node saved is looked at as it was": """
x = torch.ones(3, requires_grad=True) * 2
x.div_(x)
try:
    print(x.grad_fn._saved_other)
except RuntimeError as error:
    print(error)
y = torch.ones(2, 3, requires_grad=True) * 2
first, *rest = y
y.mul_(2)
print(first)
""",
    "memory that is copied onto itself": """
x = torch.ones(1, 1)
for f in (lambda: x.__setitem__(None, x), lambda: x.expand(2, 1)[...].copy_(x), lambda: x.copy_(x)):
    try:
        print(f())
    except RuntimeError as error:
        print(error)
""",
    "in no_grad a view's history is nobody's business": """
x = torch.ones(2, 3, requires_grad=True)
with torch.no_grad():
    y = Stretch.apply(x)
    v = x[..., -2]
    y.zero_()
    print(Parts.apply(v, 2)[2])
with torch.inference_mode():
    u = torch.ones(3)
try:
    Product.apply(torch.ones(3, requires_grad=True), u)
except RuntimeError as error:
    print(error)
""",
    "second derivatives in the order of C++": """
x = torch.tensor([0.25, 0.5], dtype=torch.float64, requires_grad=True)
for f in (lambda a: torch.addcdiv(a, a, a, value=2), lambda a: F.binary_cross_entropy(a, a)):
    g, = torch.autograd.grad(f(x).sum(), x, create_graph=True)
    h, = torch.autograd.grad(g.sum(), x, create_graph=True)
    for node in walk(h.grad_fn):
        print(node.name(), [n and n.name() for n, _ in node.next_functions])
    del g, h
""",
    "hooks of an accumulator last as long as some graph leads to it": """
x = torch.ones(2, requires_grad=True)
g, = torch.autograd.grad(watched((x * x).sum()), x, create_graph=True)
(g * g).sum().backward()
y = x * 3
del g
y.sum().backward()
del y
(x * 3).sum().backward()
z = watched(x.sum() * 2)
torch.autograd.grad(z, x)
x.sum().backward()
""",
    "what is saved whatever is wanted": """
x, n = torch.tensor(2.0, requires_grad=True), torch.arange(3)
y = x ** n
y.normal_()
for f in (lambda: y.sum().backward(), lambda: torch.copysign(torch.ones(2), x).grad_fn._saved_result):
    try:
        print(f())
    except RuntimeError as error:
        print(error)
z = torch.maximum(torch.ones(2, 3).t().requires_grad_(), torch.zeros(3, 2))
print(torch.autograd.grad(z.sum(), z)[0].is_contiguous())
""",
    "zeros that are neither more nor less": """
a, b = torch.tensor([0.0, -0.0, 0.0]), torch.tensor([-0.0, 0.0, 1.0])
print(torch.fmax(a, b), torch.fmin(a, b), F.relu(a.half() * -1))
""",
    "nothing is read where nothing is picked": """
x = torch.ones(2, 0)
print(x[[5]].shape, torch.arange(0).remainder(torch.tensor(0)))
for f in (
    lambda: torch.arange(4) % torch.zeros(3).long(), lambda: x.bool().median(2),
    lambda: torch.tensor([True, False]).expand(2, 2).round_(),
    lambda: torch.tensor(True).logaddexp(torch.ones(2, requires_grad=True)).sum().backward(),
    lambda: torch.autograd.backward(torch.tensor(1).fill_(torch.tensor(1.0, requires_grad=True))),
):
    try:
        print(f())
    except (RuntimeError, IndexError) as error:
        print(error)
""",
    "a leaf whose accumulator is watched is found by later passes": """
x = torch.ones(2, requires_grad=True)
g, = torch.autograd.grad(watched((x * x).sum()), x, create_graph=True)
h, = torch.autograd.grad(g.sum(), x, create_graph=True)
(x * h).sum().backward(inputs=[x])
y = torch.ones(3)
y[None] = y
y[True] = y
with torch.inference_mode():
    u = torch.ones(3)
print(Product.apply(u, u).is_inference(), 2 ** torch.ones(2, 3).t())
""",
    "the extreme of one number, and halves that are not positive": """
x = torch.nn.Parameter(torch.tensor(2.0))
print(torch.autograd.grad(x.amin(0), x), torch.autograd.grad(x.amax(), x, create_graph=True))
print(F.relu(torch.tensor([-1.0, -0.0, 2.0]).half()))
n = torch.tensor([1, 2, 3])
n.broadcast_to((2, 3))[...] = n
for f in (lambda: F.dropout(n, 0.3), lambda: n[:0].norm(-1)):
    try:
        f()
    except RuntimeError as error:
        print(error)
print(torch.rand(2))
""",
}


@pytest.mark.parametrize("program", FOUND.values(), ids=FOUND)
def test_agrees(program: str) -> None:
    assert not differences(program, BITS, PRELUDE)
