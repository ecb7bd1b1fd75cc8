"""Parameters as functions of others."""

import torch
import torch.nn as nn
import torch.nn.utils.parametrize as parametrize

torch.manual_seed(0)


def symmetric(X):
    return X.triu() + X.triu(1).transpose(-1, -2)


X = torch.rand(3, 3)
A = symmetric(X)
print(torch.allclose(A, A.T))
print(A)


class Symmetric(nn.Module):
    def forward(self, X):
        return X.triu() + X.triu(1).transpose(-1, -2)


layer = nn.Linear(3, 3)
parametrize.register_parametrization(layer, "weight", Symmetric())
A = layer.weight
print(torch.allclose(A, A.T))
print(A)
print(f"Unparametrized:\n{nn.Linear(3, 3)}")
print(f"Parametrized:\n{layer}")
print(layer.parametrizations)
print(layer.parametrizations.weight)
print(layer.parametrizations.weight[0])
print(dict(layer.named_parameters()))
print(layer.parametrizations.weight.original)


class Skew(nn.Module):
    def forward(self, X):
        A = X.triu(1)
        return A - A.transpose(-1, -2)

    def right_inverse(self, A):
        return A.triu(1)


l2 = nn.Linear(3, 3)
parametrize.register_parametrization(l2, "weight", Skew())
print(l2.weight + l2.weight.T)
X = torch.rand(3, 3)
X = X - X.T
l2.weight = X
print(torch.dist(l2.weight, X))
with parametrize.cached():
    print(l2.weight is l2.weight)
print(parametrize.is_parametrized(l2), parametrize.is_parametrized(l2, "bias"))
loss = l2(torch.ones(1, 3)).sum()
loss.backward()
print(l2.parametrizations.weight.original.grad)
parametrize.remove_parametrizations(l2, "weight", leave_parametrized=True)
print(l2, l2.weight)
