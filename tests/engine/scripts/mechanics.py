# autograd mechanics: in-place errors, versions, detach, no_grad, inference
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x.sigmoid()
print(y._version)
y.add_(1)
print(y._version)
try:
    y.sum().backward()
except RuntimeError as e:
    print(str(e).split(";")[0])
with torch.no_grad():
    z = x * 2
print(z.requires_grad, z.grad_fn)


@torch.no_grad()
def doubler(x):
    return x * 2


print(doubler(x).requires_grad)
with torch.inference_mode():
    w = torch.ones(2, 2)
print(w.is_inference())
try:
    x.grad_fn_nope
except AttributeError as e:
    print(e)
with torch.autograd.detect_anomaly():
    try:
        a = torch.tensor([-1.0], requires_grad=True)
        b = a.sqrt() * 0
        b.backward()
    except RuntimeError as e:
        print(e)
with torch.set_grad_enabled(False):
    print((x * 1).requires_grad, torch.is_grad_enabled())
v = torch.zeros(3, requires_grad=True)
u = v.clone()
u[0] = 5
u[1:] = x[1:].detach() * v[1:]
u.sum().backward()
print(u, v.grad)
m = torch.rand(3, 3, requires_grad=True) if False else torch.eye(3, requires_grad=True)
print(m.unsqueeze(0).expand(2, 3, 3).grad_fn, m.view(9).grad_fn, m.T.grad_fn, m[0].grad_fn)
print([type(f).__name__ for f, _ in (m @ m).sum().grad_fn.next_functions])
print(
    torch.autograd.grad(m.sum() * 2, m, retain_graph=True)[0],
    torch.autograd.grad((m**2).sum(), [m], allow_unused=True),
)
