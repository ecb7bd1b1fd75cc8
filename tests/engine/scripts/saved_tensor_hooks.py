# "Hooks for autograd saved tensors"
import torch


def pack(x):
    print("Packing", x)
    return x


def unpack(x):
    print("Unpacking", x)
    return x


class Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x * w

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g * w, g * x


a = torch.ones(2, requires_grad=True)
b = torch.ones(2, requires_grad=True) * 2
with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
    y = a * b
    z = a * 2
    e = y.exp()
    m = a.reshape(1, 2) @ b.reshape(2, 1)
    s = a.sum() + (a**3).sum()
    c = torch.where(a > 0, a, b)
    f = Product.apply(a, b)
print("saved", y.grad_fn._saved_self)
for out in (y, e, z, m, s, c, f):
    out.sum().backward(retain_graph=True)
    print(a.grad)
with torch.autograd.graph.saved_tensors_hooks(lambda x: 1, lambda x: 2):
    q = a * a
try:
    q.sum().backward()
except TypeError as error:
    print(error)
with torch.autograd.graph.saved_tensors_hooks(lambda x: x * 4, lambda x: x / 4):
    w = torch.tensor(3.0, requires_grad=True)
    u = w * w * w
print(torch.autograd.grad(u, w, create_graph=True))
with torch.autograd.graph.saved_tensors_hooks(lambda x: x.detach().clone(), lambda x: x):
    t = torch.tensor([1.0, 2.0], requires_grad=True)
    r = (t**2).sum()
r.backward()
print(t.grad)
with torch.autograd.graph.disable_saved_tensors_hooks("no hooks here"):
    try:
        with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
            pass
    except RuntimeError as error:
        print(error)
x = torch.ones(2, requires_grad=True)
y = torch.ones(2, requires_grad=True)
handle = torch.autograd.graph.register_multi_grad_hook((x, y), lambda grads: print("multi", grads))
(x * 2 + y * 3).sum().backward()
handle.remove()
with torch.autograd.graph.save_on_cpu():
    k = (x * y).sum()
k.backward()
print(x.grad)
