"""What random programs found about backward passes, each mended and kept as a short program."""

import pytest
from parity import CLOSE, differences
from programs import PRELUDE

FOUND: dict[str, str] = {
    "what leads to no tensor that is asked for is not computed, as hooks see": """
x = torch.tensor([1., 2.], requires_grad=True)
y = torch.tensor([3., 4.], requires_grad=True)
z = x * y
w = x / y + z * y
for node in walk(w.grad_fn):
    node.register_hook(lambda i, o, n=node.name(): print(n, i))
g, = torch.autograd.grad(w.sum(), x, retain_graph=True)
h, = torch.autograd.grad(w.sum(), y, retain_graph=True)
w.sum().backward(inputs=[x], retain_graph=True)
w.sum().backward(inputs=[w], retain_graph=True)
w.sum().backward(inputs=[z, y], retain_graph=True)
""",
    "a derivative nobody knows is not asked for": """
a = torch.tensor([1., 2.], requires_grad=True)
x = torch.tensor([3., 4.], requires_grad=True)
g, = torch.autograd.grad(torch.igamma(a, x * 1).sum(), x)
u = torch.unique(a)
watched(u).backward(inputs=[u])
""",
    "which gradients functions of several tensors compute": """
m = torch.arange(4.).reshape(2, 2).requires_grad_()
b = torch.ones(2, requires_grad=True)
class Both(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        return a * b
    @staticmethod
    def backward(ctx, grad):
        print('needs', ctx.needs_input_grad)
        return grad * 2, (grad * 3).sum(0)
c = m * 1
c[0] = b * 2
made = [Both.apply(m, b), torch.cat([m[0], b]), torch.stack([m[0], b]), torch.where(m > 1, m, b)]
made += [torch.addmm(b, m, m), F.linear(m, m, b), F.layer_norm(m, (2,), b, b), c]
for v in made:
    v.grad_fn.register_hook(lambda i, o, n=v.grad_fn.name(): print(n, [g is None for g in i]))
    for leaf in (m, b):
        print(torch.autograd.grad(v.sum(), leaf, retain_graph=True)[0].shape)
""",
    "a second pass misses what was let go, whichever gradient it is for": """
m = torch.ones(2, 2, requires_grad=True)
b = torch.ones(2, requires_grad=True)
y = torch.addmm(b, m, m)
y.sum().backward()
torch.autograd.grad(y.sum(), b)
""",
    "layer_norm of nothing, twice": """
x = torch.ones(2, 0, requires_grad=True)
g, = torch.autograd.grad(F.layer_norm(x, (0,)).sum(), x, create_graph=True)
(g * g).sum().backward()
""",
    "a gradient that was written to in the second pass": """
x = torch.tensor([[1., 2., 4.], [0., 1., 5.]], dtype=torch.float64, requires_grad=True)
w = torch.tensor([1., 2., 3.], dtype=torch.float64, requires_grad=True)
g, = torch.autograd.grad((F.layer_norm(x, (3,), w) ** 2).sum(), x, create_graph=True)
(g ** 2).sum().backward()
print(x.grad._version, w.grad._version)
""",
    "what is accumulated before a derivative that does not exist": """
x = torch.ones(2, requires_grad=True)
y = torch.ones(2, requires_grad=True)
for wrong in (x // 2, 2 // x, (x // 2).exp()):
    for other in (y.reciprocal(), y * y, y):
        for ends in ([wrong.sum(), other.sum()], [other.sum(), wrong.sum()]):
            y.grad = None
            try:
                torch.autograd.backward(ends, retain_graph=True)
            except RuntimeError as error:
                print(error, y.grad)
            print([node._sequence_nr() > 2**62 for node in walk(ends[0].grad_fn)])
""",
    "which of several saved tensors is found to be changed": """
def said(work):
    try:
        print(work())
    except Exception as error:
        print(type(error).__name__, error)
p = torch.ones(3, requires_grad=True) * 1
q = torch.ones(3, requires_grad=True) * 1
d = torch.ones(3, dtype=torch.float64)
for f in (lambda: p * q, lambda: torch.addcdiv(p, p, q), lambda: p ** q, lambda: p.clamp(p, d)):
    r = f()
    p.add_(1)
    q.add_(1)
    d.add_(1)
    said(lambda: r.sum().backward())
r = p ** q
r.mul_(2)
said(lambda: r.sum().backward())
""",
    "a single number that is changed unseen is what its node saved": """
x = torch.tensor([1., 2., 3.], requires_grad=True)
for f in (torch.median, torch.norm, lambda a: a.sum().exp(), torch.logsumexp):
    y = f(x, 0) if f is torch.logsumexp else f(x)
    y.data.mul_(2)
    y.backward()
    print(y, x.grad)
""",
    "losses are differentiated in torch's steps, some of them in place": """
a = torch.tensor([[.3, -.5, 2.], [1.5, .2, -.7]], dtype=torch.float64, requires_grad=True)
b = torch.tensor([[.1, .5, -1.], [.5, -.2, .7]], dtype=torch.float64, requires_grad=True)
half = torch.full((2, 3), .5, dtype=torch.float64)
def names(node):
    return [n.name() for n in walk(node)]
for reduction in ('mean', 'sum', 'none'):
    for loss, more in (
        (F.mse_loss, {}), (F.smooth_l1_loss, {}), (F.huber_loss, {}), (F.gaussian_nll_loss, {'var': half}),
        (F.binary_cross_entropy_with_logits, {}), (F.poisson_nll_loss, {}),
        (F.binary_cross_entropy_with_logits, {'weight': half}),
        (F.binary_cross_entropy_with_logits, {'pos_weight': half[0]}),
        (lambda x, y, **o: F.binary_cross_entropy(x.sigmoid(), y.sigmoid(), **o), {'weight': half}),
    ):
        for x, y in ((a, b), (a.detach().t().contiguous().t().requires_grad_(), b)):
            x.grad = y.grad = None
            loss(x, y, reduction=reduction, **more).sum().backward()
            print(x.grad._version, y.grad._version)
            total = loss(x, y, reduction=reduction, **more).sum()
            grads = torch.autograd.grad(total, [x, y], create_graph=True)
            for g in grads:
                print(g._version, g.stride(), names(g.grad_fn))
                if g.requires_grad:
                    options = {'create_graph': True, 'allow_unused': True}
                    for h in torch.autograd.grad((g * g).sum(), [x, y], **options):
                        print(h if h is None else (h._version, h.stride(), names(h.grad_fn)))
""",
    "a node that was let go, though nothing is to be computed of it": """
x = torch.ones(2, 3, requires_grad=True)
y = x * 2
y.sum().backward()
try:
    y.sum().backward(inputs=[y])
except RuntimeError as error:
    print(error)
with torch.inference_mode():
    z = x.view_as(x)
(x * 2).sum().backward(inputs=[z])
print(x.grad, z.grad)
w = x // x
try:
    w.sum().backward(inputs=[w])
except RuntimeError as error:
    print(error)
""",
    "what a third derivative computes first": """
x = torch.tensor([.5, -1.], dtype=torch.float64, requires_grad=True)
for f in (lambda a: F.gelu(a, approximate='tanh'), lambda a: F.cosine_similarity(a, a + 1, dim=0)):
    g, = torch.autograd.grad(f(x).sum(), x, create_graph=True)
    h, = torch.autograd.grad(g.sum(), x, create_graph=True)
    watched(h.sum()).backward()
""",
    "a spoilt view is said before what is wrong with the call": """
def part():
    whole = torch.linspace(-1, 1, 4, requires_grad=True).mean(0, keepdim=True)
    piece = whole.chunk(2, 0)[-1]
    whole.div_(2)
    return piece
for call in (lambda a: a.tril(), lambda a: a.triu(1), lambda a: a.sum(5), lambda a: a.t() @ 3):
    try:
        print(call(part()))
    except Exception as error:
        print(type(error).__name__, error)
try:
    print(torch.ones(2, 0, dtype=torch.bool).add_(2))
except RuntimeError as error:
    print(error)
""",
}


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str) -> None:
    found = differences(FOUND[name], CLOSE, PRELUDE)
    assert not found, "\n".join(found)
