import torch

torch.manual_seed(0)
X = torch.arange(-3, 3, 0.1).view(-1, 1)
Y = -3 * X + 1 + 0.1 * torch.randn(X.size())

w = torch.tensor(-15.0, requires_grad=True)
b = torch.tensor(-10.0, requires_grad=True)


def forward(x):
    return w * x + b


def criterion(yhat, y):
    return torch.mean((yhat - y) ** 2)


lr = 0.1
for epoch in range(15):
    loss = criterion(forward(X), Y)
    loss.backward()
    w.data = w.data - lr * w.grad.data
    b.data = b.data - lr * b.grad.data
    w.grad.data.zero_()
    b.grad.data.zero_()
    print(f"epoch {epoch:2d} loss {loss.item():.5f} w {w.item():.4f} b {b.item():.4f}")
print(w, b, loss)
