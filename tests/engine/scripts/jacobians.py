# "Jacobians, Hessians, hvp, vhp, and more: composing function transforms"
import torch
import torch.nn.functional as F
from torch.func import hessian, jacfwd, jacrev, jvp, vjp, vmap

torch.manual_seed(0)


def predict(weight, bias, x):
    return F.linear(x, weight, bias).tanh()


D = 4
weight, bias, x = torch.randn(D, D), torch.randn(D), torch.randn(D)
xp = x.clone().requires_grad_()
rows = [torch.autograd.grad(predict(weight, bias, xp), xp, vec)[0] for vec in torch.eye(D)]
jacobian = torch.stack(rows)
print(jacobian.shape)
_, vjp_fn = vjp(lambda x: predict(weight, bias, x), x)
(ft_jacobian,) = vmap(vjp_fn)(torch.eye(D))
print(torch.allclose(ft_jacobian, jacobian))
print(torch.allclose(jacrev(predict, argnums=2)(weight, bias, x), jacobian))
print(torch.allclose(jacfwd(predict, argnums=2)(weight, bias, x), jacobian))
hess = hessian(predict, argnums=2)(weight, bias, x)
print(hess.shape)
value, tangent = jvp(lambda x: predict(weight, bias, x), (x,), (torch.ones(D),))
print(torch.allclose(tangent, jacobian @ torch.ones(D), atol=1e-6))
print(
    torch.allclose(
        torch.autograd.functional.jacobian(lambda x: predict(weight, bias, x), x), jacobian
    )
)
