# the ways to keep weight updates out of the graph, and what each leaves behind
import torch

weights = torch.ones(4, requires_grad=True)
for _ in range(3):
    model_output = (weights * 3).sum()
    model_output.backward()
    print(weights.grad)
for _ in range(3):
    model_output = (weights * 3).sum()
    weights.grad.zero_()
    model_output.backward()
    print(weights.grad, weights.grad._version > 0)
with torch.no_grad():
    weights -= 0.1 * weights.grad
print(weights, weights._version)
optimizer = torch.optim.SGD([weights], lr=0.01)
optimizer.step()
optimizer.zero_grad()
print(weights, weights.grad, weights._version)
x = torch.randn(3, requires_grad=True)
print(x.requires_grad_(False).requires_grad, x.detach().requires_grad)
try:
    weights.data += 1
    weights += 1
except RuntimeError as error:
    print(error)
print(weights)
