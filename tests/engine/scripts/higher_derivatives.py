import torch

x = torch.tensor(2.0, requires_grad=True)
y = x**4
for order in range(1, 6):
    (y,) = torch.autograd.grad(y, x, create_graph=True)
    print(order, y.item(), y.grad_fn is not None, y)
u = torch.linspace(0, 3, 4, requires_grad=True)
f = (u**3).sum()
(g,) = torch.autograd.grad(f, u, create_graph=True)
(h,) = torch.autograd.grad(g.sum(), u)
print(g, h)
print(torch.autograd.functional.hessian(lambda v: (v**3).sum(), u))
print(torch.autograd.functional.jacobian(lambda v: v.outer(v), torch.tensor([1.0, 2.0])))
