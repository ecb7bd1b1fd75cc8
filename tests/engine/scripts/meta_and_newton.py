# MAML-like and Newton
import torch

torch.manual_seed(0)


def net(x, params):
    w1, b1, w2, b2 = params
    return torch.tanh(x @ w1 + b1) @ w2 + b2


params = [torch.randn(1, 8) * 0.5, torch.zeros(8), torch.randn(8, 1) * 0.5, torch.zeros(1)]
params = [p.requires_grad_() for p in params]
meta_opt = torch.optim.Adam(params, lr=1e-2)
for it in range(3):
    meta_loss = 0.0
    for task in range(2):
        amp, phase = torch.rand(1) * 4 + 1, torch.rand(1) * 3
        x = torch.rand(10, 1) * 4 - 2
        y = amp * torch.sin(x + phase)
        loss = ((net(x, params) - y) ** 2).mean()
        grads = torch.autograd.grad(loss, params, create_graph=True)
        fast = [p - 0.05 * g for p, g in zip(params, grads)]
        xq = torch.rand(10, 1) * 4 - 2
        meta_loss = meta_loss + ((net(xq, fast) - amp * torch.sin(xq + phase)) ** 2).mean()
    meta_opt.zero_grad()
    meta_loss.backward()
    meta_opt.step()
    print(it, f"{meta_loss.item():.4f}", [f"{p.grad.norm():.4f}" for p in params])
x = torch.tensor(3.0, requires_grad=True)
for i in range(5):
    f = x**3 - 2 * x - 5
    (df,) = torch.autograd.grad(f, x)
    with torch.no_grad():
        x -= f / df
    print(i, x.item())


def rosen(v):
    return (1 - v[0]) ** 2 + 100 * (v[1] - v[0] ** 2) ** 2


v = torch.tensor([-1.2, 1.0], dtype=torch.double)
for i in range(6):
    H = torch.autograd.functional.hessian(rosen, v)
    g = torch.func.grad(rosen)(v)
    v = v - torch.linalg.solve(H, g)
    print(i, v, f"{rosen(v):.3e}")
opt_v = torch.tensor([-1.2, 1.0], requires_grad=True)
lb = torch.optim.LBFGS([opt_v], lr=1, max_iter=20, line_search_fn="strong_wolfe")


def closure():
    lb.zero_grad()
    l = rosen(opt_v)
    l.backward()
    return l


lb.step(closure)
print(opt_v, lb)
