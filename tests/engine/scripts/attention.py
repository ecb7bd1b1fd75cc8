import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class SelfAttention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(dim, dim, bias=False) for _ in range(3))
        self.norm = nn.LayerNorm(dim)

    def forward(self, x):
        q, k, v = self.q(x), self.k(x), self.v(x)
        scores = q @ k.transpose(-2, -1) / math.sqrt(x.size(-1))
        mask = torch.triu(torch.ones(x.size(-2), x.size(-2)), diagonal=1).bool()
        weights = F.softmax(scores.masked_fill(mask, float("-inf")), dim=-1)
        return self.norm(x + weights @ v), weights


torch.manual_seed(0)
layer = SelfAttention(4)
x = torch.randn(2, 3, 4, requires_grad=True)
y, weights = layer(x)
print(weights.sum(-1), weights[0, 0])
y.pow(2).mean().backward()
print(x.grad.shape, [n for n, p in layer.named_parameters() if p.grad is not None])
print(y.shape, y.grad_fn, weights.grad_fn, f"{x.grad.abs().sum().item():.3f}" != "0.000")
print(layer)
