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
}


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str) -> None:
    found = differences(FOUND[name], CLOSE, PRELUDE)
    assert not found, "\n".join(found)
