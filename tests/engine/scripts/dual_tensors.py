"""Dual tensors: made, shown, unpacked, refused."""

import torch
import torch.autograd.forward_ad as fw


def show(name, f):
    try:
        print(name, "->", f())
    except Exception as error:
        print(name, "!!", type(error).__name__, str(error)[:600])


x = torch.tensor([1.0, 2.0])
v = torch.tensor([3.0, 4.0])
with fw.dual_level() as level:
    print("level", level)
    d = fw.make_dual(x, v)
    print(d, d.requires_grad, d.is_leaf, d._is_view(), d._base is x)
    print(fw.unpack_dual(d), fw.unpack_dual(x))
    p, tt = fw.unpack_dual(d)
    print(tt is v, p._is_view(), p)
    y = d * 2
    print(y)
    print(fw.unpack_dual(y))
    print(d.sum(), (d > 1), d.detach(), d.long())
    show("dual of dual", lambda: fw.make_dual(d, v))
    show("shape", lambda: fw.make_dual(x, torch.ones(3)))
    show("dtype", lambda: fw.make_dual(x, torch.ones(2, dtype=torch.float64)))
    show("int", lambda: fw.make_dual(torch.tensor([1]), torch.tensor([1])))
    show("nest", lambda: fw.enter_dual_level())
    show("tangent dual", lambda: fw.make_dual(x, d))
    show("level5", lambda: fw.make_dual(x, v, level=5))
    show("exit wrong", lambda: fw.exit_dual_level(level=3))
    show("non", lambda: fw.make_dual(1.0, 2.0))
    show("nongen", lambda: fw.unpack_dual(3.0))
    xx = torch.tensor([1.0, 2.0], requires_grad=True)
    d = fw.make_dual(xx, v)
    print(d, d.is_leaf, d._is_view())
    y = d**2
    print(y)
    y = d * 3
    print(y, fw.unpack_dual(y))
    p, tt = fw.unpack_dual(y)
    print(p, tt)
    q = fw.make_dual(xx, torch.tensor([1.0, 1.0], requires_grad=True))
    print(q)
    print(torch.nn.Parameter(x))
    # in place
    a = fw.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 1.0]))
    a.mul_(3)
    print(a)
    a[0] = 5
    print(a)
    a.zero_()
    print(a)
    b = torch.zeros(2)
    b[0] = fw.make_dual(torch.tensor(1.0), torch.tensor(2.0))
    print(b, b)
    b = torch.zeros(2, 2)
    r = b[0]
    r.copy_(d.detach())
    r.add_(fw.make_dual(x, v))
    print(b, r)
    c = torch.zeros(2, 2)
    e = c[1]
    c.add_(fw.make_dual(x, v))
    print(e)
    show("inplace leaf dual", lambda: xx.add_(fw.make_dual(x, v)))
    show("int floor", lambda: fw.make_dual(x, v).floor())
    show("round", lambda: fw.make_dual(x, v).to(torch.float64))
    show("clone", lambda: fw.make_dual(x, v).clone())
    show("numpy", lambda: fw.make_dual(x, v).numpy())
    show("tolist", lambda: fw.make_dual(x, v).tolist())
    show("item", lambda: fw.make_dual(x, v).sum().item())
    show("data", lambda: fw.make_dual(x, v).data)
    with torch.no_grad():
        show("nograd", lambda: fw.make_dual(x, v) * 2)
    with torch.inference_mode():
        show("inf", lambda: fw.make_dual(x, v) * 2)
    z = fw.make_dual(x, v) * 2
    show("deepcopy", lambda: __import__("copy").deepcopy(fw.make_dual(x, v)))
    show("requires", lambda: fw.make_dual(x, v).requires_grad_())
    show("set", lambda: torch.equal(fw.make_dual(x, v), x))
print(z, fw.unpack_dual(z))
show("nolevel", lambda: fw.make_dual(x, v))
show("exit", lambda: fw.exit_dual_level())


class F(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        return g * 2


with fw.dual_level():
    x = torch.tensor([1.0, 2.0])
    v = torch.tensor([3.0, 4.0])
