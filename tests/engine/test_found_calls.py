"""What random programs found of calls: dtypes, sizes of 0, masks, layouts, each mended and kept."""

import pytest
from parity import CLOSE, differences
from programs import PRELUDE

SAID = """
def said(work):
    try:
        print(work())
    except Exception as error:
        print(type(error).__name__, error)

def put(x, key, value):
    x[key] = value
    return x
"""

FOUND: dict[str, str] = {
    "a mask of bytes": """
m = torch.arange(6, dtype=torch.uint8).reshape(2, 3) % 2
o = torch.ones(2, 3)
said(lambda: put(o, m, 3))
said(lambda: put(torch.ones(2, 3, requires_grad=True), m, 3))
said(lambda: put(o, m, torch.ones(3)))
said(lambda: put(o, (slice(None), m[0]), 5))
said(lambda: put(o, (0, m[0]), 5))
said(lambda: o[m])
""",
    "a leaf is said before a wrong index of tensors": """
x = torch.ones(2, 3, requires_grad=True)
for t in (x, x * 1, x.detach()):
    said(lambda: put(t, torch.ones(2), 1.0))
    said(lambda: put(t, ([0, 0], ..., ..., [0]), 1.0))
    said(lambda: t[[0, 0], ..., ..., [0]])
    said(lambda: t[torch.ones(2)])
""",
    "integers that are divided in place until one is divided by 0": """
for name in ('__imod__', '__ifloordiv__', 'fmod_', 'remainder_'):
    for divisor in (torch.tensor([True, False, True]), torch.tensor([2, 3, 0]), 0):
        v = torch.tensor([7, 8, 9])
        said(lambda: getattr(v, name)(divisor))
        print(v, v._version)
""",
    "the remainder of an integer, differentiated": """
v = torch.tensor([float('nan'), float('inf'), -1., 0.], requires_grad=True)
w = torch.ones(4, dtype=torch.int32) % v
(w * w).sum().backward(inputs=[v])
""",
    "how what is picked lies in memory": """
a = torch.ones(2, 3).t()
b = (a == a) % 2
w = torch.ones(4, 3)
for i in (b, b.t(), b.contiguous(), (b[:, 0], b[:, 1]), (slice(None), b % 1), (b, b), (b.t(), 0)):
    for x in (a, torch.ones(3, 4, 2), torch.ones(2, 4, 3).permute(2, 1, 0)):
        said(lambda: x[i].stride())
said(lambda: F.embedding(b, w).stride())
said(lambda: F.embedding(b, w[:, :1]).stride())
said(lambda: F.embedding(b[0, 0], w.t()).stride())
""",
    "bools in running totals, traces, medians and orders; sizes of 0": """
b = torch.tensor([True, False])
none = torch.zeros(2, 0)
said(lambda: b.cumsum_(0))
said(lambda: b.cumprod_(0))
said(lambda: b.cumsum(0, dtype=torch.bool))
said(lambda: b.trace())
said(lambda: torch.ones(2, 2, dtype=torch.bool).trace())
said(lambda: none.bool().median(-1))
said(lambda: none.bool().median(0))
said(lambda: none.kthvalue(1, -1))
said(lambda: none.kthvalue(4, 0))
said(lambda: none.bool().kthvalue(1, -1))
said(lambda: torch.tensor(1.).kthvalue(4))
said(lambda: F.threshold(b, 0.1, 2.0))
i = torch.tensor([0, 1])
for w in (torch.zeros(0, 0), torch.zeros(0, 3), torch.zeros(3, 0), torch.zeros(0), torch.tensor(1.)):
    said(lambda: F.embedding(i, w))
    said(lambda: F.embedding(i[:0], w))
    said(lambda: F.embedding(i, w.requires_grad_()))
""",
    "dtypes of normalisations": """
kinds = (torch.float16, torch.float32, torch.float64, torch.int64, torch.uint8, torch.bool)
norms = (
    lambda x, w, b: F.layer_norm(x, (4,), w, b), lambda x, w, b: F.group_norm(x, 2, w, b),
    lambda x, w, b: F.batch_norm(x, None, None, w, b, True), lambda x, w, b: F.rms_norm(x, (4,)),
    lambda x, w, b: F.hardtanh(x),
)
for norm in norms:
    for kind in kinds:
        x = torch.ones(2, 4).to(kind)
        for other in kinds:
            w = torch.ones(4).to(other)
            said(lambda: norm(x, w, None).dtype)
            said(lambda: norm(x, None, w).dtype)
            said(lambda: norm(x, w, w).dtype)
            said(lambda: norm(x, w, w.to(kind)).dtype)
""",
    "powers of two dtypes, comparisons in place, copies of another dtype": """
x = torch.tensor([1., 2.], requires_grad=True)
y = torch.tensor([1., 3.], dtype=torch.float64, requires_grad=True)
g, = torch.autograd.grad((x ** y).sum(), y, create_graph=True)
h, = torch.autograd.grad(g.sum(), y, create_graph=True)
m = torch.ones(3, 3)
m.eq_(x.sum())
a = m.grad_fn(torch.ones(3, 3))
v = torch.arange(6., dtype=torch.float64)
v.copy_(x[:1])
k, = torch.autograd.grad((v * v).sum(), x, create_graph=True)
""",
    "channels of normalisations": """
x = torch.ones(2, 3, requires_grad=True)
m, v, w = torch.zeros(4), torch.ones(4), torch.ones(4)
said(lambda: F.batch_norm(x, m, v))
said(lambda: F.batch_norm(x, m[:3], v))
said(lambda: F.batch_norm(x, m[:3], v[:3], w))
said(lambda: F.batch_norm(x, m[:3], v[:3], None, w))
said(lambda: F.batch_norm(x, None, None, w, None, True))
said(lambda: F.batch_norm(x, None, v))
said(lambda: F.batch_norm(x, None, None))
said(lambda: F.batch_norm(x, None, None, training=True, eps=0.0))
said(lambda: F.batch_norm(x, m[:3], v[:3], eps=-1.0))
said(lambda: F.group_norm(x, 3, w))
said(lambda: F.group_norm(x, 3, None, w))
said(lambda: F.group_norm(x, 3, w[:3], w))
said(lambda: F.instance_norm(x[None], weight=w))
said(lambda: F.instance_norm(x[None], m, v))
""",
    "what a function of one's own may return": """
x = torch.ones(2, 3, requires_grad=True)
for r in (3, 'a', [1], (3,), (x, 3), (None, 3), (x * 1, x * 1), [x * 1], (), None, (x * 1, None, 3), {}):
    class One(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a):
            return a.clone()
        @staticmethod
        def backward(ctx, grad):
            return r
    class Three(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b, n):
            return a * b
        @staticmethod
        def backward(ctx, grad):
            return r
    said(lambda: One.apply(x).sum().backward())
    said(lambda: Three.apply(x, x * 2, 3).sum().backward())
""",
    "a change that comes to some entries twice": """
half = torch.full((2, 2, 2), 0.5)
for change in (lambda d: d.mul_(2), lambda d: d.neg_(), lambda d: d.pow_(2), lambda d: d.add_(half),
               lambda d: d.sub_(d), lambda d: d.copy_(half), lambda d: d.clamp_(0, 1), lambda d: d.exp_(),
               lambda d: d.masked_fill_(d > 0, 7.0), lambda d: d.addcmul_(d, d)):
    c = torch.arange(6.).reshape(2, 3)
    said(lambda: change(c.unfold(1, 2, 1)))
    print(c)
""",
}


@pytest.mark.parametrize("name", FOUND)
def test_agrees(name: str) -> None:
    found = differences(SAID + FOUND[name], CLOSE, PRELUDE)
    assert not found, "\n".join(found)
