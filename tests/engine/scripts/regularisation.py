import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(5, 1)
x, y = torch.randn(20, 5), torch.randn(20, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for step in range(10):
    mse = nn.functional.mse_loss(model(x), y)
    l1 = sum(p.abs().sum() for p in model.parameters())
    l2 = sum((p**2).sum() for p in model.parameters())
    loss = mse + 0.01 * l1 + 0.001 * l2
    optimizer.zero_grad()
    loss.backward()
    total = nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    optimizer.step()
    if step % 3 == 0:
        print(step, f"{loss.item():.4f} {total.item():.4f}")
print(l1.grad_fn, loss.grad_fn, mse.grad_fn, type(total))
