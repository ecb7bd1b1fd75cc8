# a gradient through a gradient step, and the same with torch.func
import torch
from torch.func import functional_call, grad

torch.manual_seed(0)
w = torch.tensor([1.0, -1.0], requires_grad=True)
x, y = torch.randn(8, 2), torch.randn(8)


def loss_of(w):
    return ((x @ w - y) ** 2).mean()


(inner,) = torch.autograd.grad(loss_of(w), w, create_graph=True)
fast = w - 0.1 * inner
outer = loss_of(fast)
outer.backward()
print(f"{outer.item():.4f}", [round(v, 3) for v in w.grad.tolist()], fast.grad_fn)
step = grad(lambda v: loss_of(v - 0.1 * grad(loss_of)(v)))(w.detach())
print([round(v, 3) for v in step.tolist()])
model = torch.nn.Linear(2, 1)
params = dict(model.named_parameters())
print(functional_call(model, {k: v * 0 for k, v in params.items()}, (x[:2],)))
