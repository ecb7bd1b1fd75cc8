# leaf vs non-leaf
import torch
import torch.nn.functional as F

x = torch.ones(1, 3)
W = torch.ones(3, 2, requires_grad=True)
b = torch.ones(1, 2, requires_grad=True)
y = torch.ones(1, 2)
z = (x @ W) + b
y_pred = F.relu(z)
loss = F.mse_loss(y_pred, y)
print(f"{x.is_leaf=}")
print(f"{W.is_leaf=}")
print(f"{b.is_leaf=}")
print(f"{y.is_leaf=}")
print(f"{z.is_leaf=}")
print(f"{y_pred.is_leaf=}")
print(f"{loss.is_leaf=}")
print(f"{x.requires_grad=} {W.requires_grad=} {z.requires_grad=} {loss.requires_grad=}")
z.retain_grad()
y_pred.retain_grad()
loss.retain_grad()
loss.backward()
print(f"{W.grad=}")
print(f"{b.grad=}\n{z.grad=}\n{y_pred.grad=}\n{loss.grad=}")
print(f"{z.retains_grad=} {W.retains_grad=}")
try:
    x.retain_grad()
except RuntimeError as e:
    print(e)
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    q = z * 2
    print(q.grad)
try:
    W += 1
except RuntimeError as e:
    print(e)
try:
    z.requires_grad = False
except RuntimeError as e:
    print(e)
