# itertools grid search, logistic regression, newton, metrics
import itertools
from functools import reduce

import torch
import torch.nn.functional as F


def data(n: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(n, 2, generator=g)
    return x, (x @ torch.tensor([1.5, -2.0]) + 0.3 > 0).float()


X, y = data(80, 0)


def train(lr: float, wd: float, steps: int = 20) -> float:
    w = torch.zeros(2, requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    opt = torch.optim.AdamW(
        [{"params": [w]}, {"params": [b], "weight_decay": 0.0}], lr=lr, weight_decay=wd
    )
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits(X @ w + b, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    return loss.item()


results: dict[tuple[float, float], float] = {}
for lr, wd in itertools.product([0.1, 0.5], [0.0, 0.1]):
    results[lr, wd] = train(lr, wd)
best = min(results, key=results.get)
for k, v in sorted(results.items()):
    print(f"lr={k[0]:<4} wd={k[1]:<4} loss={v:.4f}{' *' if k == best else ''}")
w = torch.zeros(3, dtype=torch.double)
Xb = torch.cat([X, torch.ones(80, 1)], 1).double()
yd = y.double()


def nll(w):
    return F.binary_cross_entropy_with_logits(Xb @ w, yd) + 0.01 * w @ w


for i in range(4):
    H = torch.func.hessian(nll)(w)
    g = torch.func.grad(nll)(w)
    w = w - torch.linalg.solve(H, g)
    print(i, f"{nll(w):.6f}", [round(v, 4) for v in w.tolist()])
pred = (Xb @ w > 0).double()
tp = ((pred == 1) & (yd == 1)).sum().item()
fp = ((pred == 1) & (yd == 0)).sum().item()
print("precision", round(tp / (tp + fp), 3), "accuracy", (pred == yd).double().mean().item())
conf = torch.zeros(2, 2, dtype=torch.long)
for p, t in zip(pred.long(), yd.long()):
    conf[t, p] += 1
print(conf, conf.diag().sum() / conf.sum())
print(reduce(lambda a, b: a * b, [p.numel() for p in (X, y)]))
