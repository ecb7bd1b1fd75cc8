"""A custom backward that returns None ends the path there."""

import torch


class N(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        return None


x = torch.tensor([1.0, 2.0], requires_grad=True)
y = N.apply(x * 3).sum()
print(torch.autograd.grad(y, x, allow_unused=True))
y = N.apply(x * 3).sum()
y.backward()
print(x.grad)
y = (N.apply(x * 3) + x.exp()).sum()
y.backward()
print(x.grad)
z = x * 3
z.register_hook(lambda g: print("hook", g))
y = N.apply(z * 2).sum()
y.backward()
print(x.grad)
a, b = (x * 2).unbind(0)
y = N.apply(a)
y.backward()
print(x.grad)


class M(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        return x * 2

    @staticmethod
    def backward(ctx, g):
        print("M", g)
        return g


y = N.apply(M.apply(x * 1)).sum()
y.backward()
print(x.grad)


class K(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        print("K", g)
        return g


y = N.apply(K.apply(x * 1)).sum()
y.backward()
print(x.grad)
w = torch.tensor([1.0, 2.0], requires_grad=True)
y = N.apply(w).sum()
y.backward()
print(w.grad)
print(torch.autograd.grad(N.apply(w * 2).sum(), w, create_graph=True, allow_unused=True))
try:
    print(torch.autograd.grad(N.apply(w * 2).sum(), w))
except Exception as e:
    print(e)
x = torch.tensor([1.0, 2.0], requires_grad=True)
a, b = x.unbind(0)
b.register_hook(lambda g: print("hb", g))
a.backward()
print(x.grad)
v, i = (x * 1).max(0)
h = x * 2
h.retain_grad()
N.apply(h * 3).sum().backward()
print(h.grad)
x.register_hook(lambda g: print("leaf", g))
N.apply(x).sum().backward()
