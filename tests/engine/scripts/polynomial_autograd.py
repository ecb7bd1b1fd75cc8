# PyTorch's "Learning with examples": autograd
import math

import torch

torch.manual_seed(0)
x = torch.linspace(-1, 1, 2000)
y = torch.exp(x)
a, b, c, d = (torch.randn((), requires_grad=True) for _ in range(4))
initial_loss = 1.0
learning_rate = 1e-5
for t in range(500):
    y_pred = a + b * x + c * x**2 + d * x**3
    loss = (y_pred - y).pow(2).sum()
    if t == 0:
        initial_loss = loss.item()
    if t % 100 == 99:
        print(f"Iteration t = {t:4d}  loss(t)/loss(0) = {loss.item() / initial_loss:.4f}")
    loss.backward()
    with torch.no_grad():
        a -= learning_rate * a.grad
        b -= learning_rate * b.grad
        c -= learning_rate * c.grad
        d -= learning_rate * d.grad
        a.grad = None
        b.grad = None
        c.grad = None
        d.grad = None
print(
    f"y = {a.item():.4f} + {b.item():.4f} x + {c.item():.4f} x^2 + {d.item():.4f} x^3", math.e > 2
)
print(a, b._version, loss.grad_fn)
