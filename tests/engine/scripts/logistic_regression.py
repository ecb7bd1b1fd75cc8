import torch
import torch.nn.functional as F

torch.manual_seed(0)
n = 60
x0 = torch.randn(n, 2) + 2
x1 = torch.randn(n, 2) - 2
X = torch.cat([x0, x1])
y = torch.cat([torch.zeros(n), torch.ones(n)])
w = torch.zeros(2, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for step in range(40):
    logits = X @ w + b
    loss = F.binary_cross_entropy_with_logits(logits, y)
    loss.backward()
    with torch.no_grad():
        for p in (w, b):
            p -= 0.5 * p.grad
            p.grad.zero_()
    if step % 10 == 0:
        acc = ((logits > 0).float() == y).float().mean()
        print(f"{step:3d} loss={loss.item():.4f} acc={acc.item():.3f}")
print(w.grad, b.grad)
print(logits.shape, loss.grad_fn, torch.sigmoid(logits[:3]).shape)
