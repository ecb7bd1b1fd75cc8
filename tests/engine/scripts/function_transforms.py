# jacobians, hessians, per-sample grads
from functools import partial

import torch
import torch.nn.functional as F
from torch.func import (
    functional_call,
    grad,
    grad_and_value,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    vjp,
    vmap,
)

_ = torch.manual_seed(0)


def predict(weight, bias, x):
    return F.linear(x, weight, bias).tanh()


D = 4
weight = torch.randn(D, D)
bias = torch.randn(D)
x = torch.randn(D)


def compute_jac(xp):
    jacobian_rows = [
        torch.autograd.grad(predict(weight, bias, xp), xp, vec)[0] for vec in torch.eye(D)
    ]
    return torch.stack(jacobian_rows)


xp = x.clone().requires_grad_()
jacobian = compute_jac(xp)
print(jacobian.shape)
print(jacobian[0])
_, vjp_fn = vjp(partial(predict, weight, bias), x)
(ft_jacobian,) = vmap(vjp_fn)(torch.eye(D))
print(torch.allclose(ft_jacobian, jacobian))
ft_jacobian = jacrev(predict, argnums=2)(weight, bias, x)
print(torch.allclose(ft_jacobian, jacobian))
ft_jac_weight, ft_jac_bias = jacrev(predict, argnums=(0, 1))(weight, bias, x)
print(ft_jac_weight.shape, ft_jac_bias.shape)
hess_api = hessian(predict, argnums=2)(weight, bias, x)
print(
    hess_api.shape,
    torch.allclose(
        hess_api, jacfwd(jacrev(predict, argnums=2), argnums=2)(weight, bias, x), atol=1e-6
    ),
)
batch = torch.randn(3, D)
print(vmap(jacrev(predict, argnums=2), in_dims=(None, None, 0))(weight, bias, batch).shape)
print(jvp(partial(predict, weight, bias), (x,), (torch.ones(D),)))
model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2))
params = {k: v.detach() for k, v in model.named_parameters()}
buffers = {k: v.detach() for k, v in model.named_buffers()}


def compute_loss(params, buffers, sample, target):
    predictions = functional_call(model, (params, buffers), (sample.unsqueeze(0),))
    return F.cross_entropy(predictions, target.unsqueeze(0))


targets = torch.randint(0, 2, (3,))
ft = vmap(grad(compute_loss), in_dims=(None, None, 0, 0))(params, buffers, batch, targets)
for k, v in ft.items():
    print(k, v.shape, v.flatten()[:3])
naive = []
for i in range(3):
    loss = F.cross_entropy(model(batch[i : i + 1]), targets[i : i + 1])
    naive.append(torch.autograd.grad(loss, list(model.parameters())))
for a, b in zip(zip(*naive), ft.values()):
    print(torch.allclose(torch.stack(a), b, atol=1e-6))
print(grad_and_value(lambda x: (x**2).sum())(x))
print(torch.autograd.functional.jacobian(lambda x: x.exp(), x))
print(torch.autograd.functional.hessian(lambda x: (x**3).sum(), x))
print(
    torch.autograd.functional.vhp(lambda x: (x**3).sum(), x, torch.ones(4)),
    torch.autograd.functional.hvp(lambda x: (x**3).sum(), x, torch.ones(4)),
)
