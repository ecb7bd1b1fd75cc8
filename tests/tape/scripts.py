"""Introductory scripts of many kinds, for running on both engines: `SCRIPTS[name]` is the code."""

SCRIPTS = {
    "document": """
x = torch.randn(3, requires_grad=True)
y = x + 2
z = 2*y**2
a = z.mean()
print(x, y, z, a)
g = torch.randn(z.shape)
z.backward(g)
print(x.grad)
""",
    "scalar": """
x = torch.tensor(3.0, requires_grad=True)
y = x**2 + 4*x
y.backward()
print(x.grad)
""",
    "accumulate": """
w = torch.ones(4, requires_grad=True)
for epoch in range(3):
    (w * 3).sum().backward()
    print(w.grad)
""",
    "zero in place": """
w = torch.ones(4, requires_grad=True)
for epoch in range(3):
    (w * 3).sum().backward()
    print(w.grad)
    w.grad.zero_()
""",
    "detach": """
a = torch.randn(3, requires_grad=True)
b = torch.randn(3, requires_grad=True)
c = b.detach()
d = a + c
d.backward(torch.randn(d.shape))
print(a.grad, b.grad, c.grad)
""",
    "no_grad": """
a = torch.ones(3, requires_grad=True)
with torch.no_grad():
    y = a * 2
print(y, y.requires_grad)
""",
    "no_grad decorator": """
@torch.no_grad()
def double(t):
    return t * 2
a = torch.ones(3, requires_grad=True)
print(double(a))
""",
    "requires_grad_": """
a = torch.ones(3)
a.requires_grad_()
(a * a).sum().backward()
print(a.grad)
""",
    "not a scalar": """
z = torch.ones(3, requires_grad=True) * 2
z.backward()
""",
    "twice": """
x = torch.ones(3, requires_grad=True)
y = (x**2).sum()
y.backward()
y.backward()
""",
    "twice retained": """
x = torch.ones(3, requires_grad=True)
y = (x**2).sum()
y.backward(retain_graph=True)
y.backward()
print(x.grad)
""",
    "caught": """
c = torch.ones(3)
try:
    c.backward()
except RuntimeError as error:
    print('caught', error)
print('on')
""",
    "version": """
x = torch.ones(3, requires_grad=True)
y = x.exp()
y += 1
y.sum().backward()
""",
    "leaf in place": """
x = torch.ones(3, requires_grad=True)
x += 1
""",
    "broadcast": """
a = torch.ones(2, 3, requires_grad=True)
b = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
(a * b).sum().backward()
print(a.grad, b.grad)
""",
    "matmul": """
a = torch.randn(2, 3, requires_grad=True)
b = torch.randn(3, 4)
(a @ b).sum().backward()
print(a.grad)
""",
    "two paths": """
x = torch.tensor(2.0, requires_grad=True)
y = x * x
z = y + x
(z * y).backward()
print(x.grad)
""",
    "grad function": """
x = torch.tensor(2.0, requires_grad=True)
(first,) = torch.autograd.grad(x**3, x, create_graph=True)
(second,) = torch.autograd.grad(first, x)
print(first, second)
""",
    "retain_grad": """
x = torch.ones(2, requires_grad=True)
y = x * 3
y.retain_grad()
y.sum().backward()
print(y.grad)
""",
    "hook": """
x = torch.ones(2, requires_grad=True)
x.register_hook(lambda g: g * 10)
(x * 2).sum().backward()
print(x.grad)
""",
    "indexing": """
x = torch.arange(6.0).reshape(2, 3).requires_grad_()
y = x[0] * x[:, 1].sum()
y.sum().backward()
print(x.grad)
""",
    "setitem": """
x = torch.zeros(3)
w = torch.tensor(2.0, requires_grad=True)
x[1] = w * 3
x.sum().backward()
print(x, w.grad)
""",
    "views": """
x = torch.ones(2, 3, requires_grad=True)
y = x.t().reshape(-1).view(3, 2).unsqueeze(0).squeeze()
y.sum().backward()
print(y.shape, x.grad)
""",
    "stack and cat": """
a = torch.ones(2, requires_grad=True)
b = torch.zeros(2, requires_grad=True)
torch.stack([a, b]).prod().backward()
torch.cat((a, b)).sum().backward()
print(a.grad, b.grad)
""",
    "unbind": """
a, b = torch.tensor([2.0, 5.0], requires_grad=True)
(a * b).backward()
print(a, b)
""",
    "reductions": """
x = torch.tensor([[1.0, 5.0], [7.0, 3.0]], requires_grad=True)
values, where = x.max(dim=1)
print(values, where)
(values.sum() + x.std() + x.norm()).backward()
print(x.grad)
""",
    "activations": """
x = torch.linspace(-2, 2, 5, requires_grad=True)
(torch.relu(x) + torch.sigmoid(x) + torch.tanh(x)).sum().backward()
print(x.grad)
""",
    "where and clamp": """
x = torch.tensor([-1.0, 0.5, 2.0], requires_grad=True)
torch.where(x > 0, x * 2, x.clamp(min=-0.5)).sum().backward()
print(x.grad)
""",
    "gradient descent": """
w = torch.zeros(1, requires_grad=True)
x = torch.tensor([1.0, 2.0, 3.0])
for epoch in range(3):
    loss = ((x * w - 2 * x) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
    w.grad = None
    print(epoch, loss.item(), w)
""",
    "sgd": """
w = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for epoch in range(2):
    (w * w).sum().backward()
    optimizer.step()
    optimizer.zero_grad()
print(w)
""",
    "adam": """
w = torch.ones(2, requires_grad=True)
optimizer = torch.optim.Adam([w], lr=0.1)
for epoch in range(2):
    optimizer.zero_grad(set_to_none=False)
    (w ** 3).sum().backward()
    optimizer.step()
print(w)
""",
    "module": """
from torch import nn
net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
out = net(torch.ones(1, 2))
loss = nn.functional.mse_loss(out, torch.zeros(1, 1))
loss.backward()
torch.optim.SGD(net.parameters(), lr=0.1).step()
print(net[0].weight.grad.shape)
""",
    "own module": """
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(2, 2)
        self.scale = torch.nn.Parameter(torch.ones(2))
    def forward(self, x):
        return (self.first(x) * self.scale).sum()
net = Net()
net(torch.ones(2)).backward()
print(net.scale.grad)
""",
    "custom function": """
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 2
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * x * g
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = Square.apply(x)
y.sum().backward()
print(y, x.grad)
""",
    "function and loop": """
def power(base, n):
    result = torch.ones_like(base)
    for _ in range(n):
        result = result * base
    return result
x = torch.tensor(2.0, requires_grad=True)
power(x, 3).backward()
print(f'{x.grad.item():.2f}')
""",
    "while": """
x = torch.tensor(1.0, requires_grad=True)
y = x
while y < 10:
    y = y * 2
y.backward()
print(x.grad)
""",
    "dtypes": """
x = torch.ones(2, dtype=torch.float64, requires_grad=True)
y = x.float() * torch.tensor([1, 2])
y.sum().backward()
print(x.grad, torch.arange(3), torch.tensor([True, False]))
""",
    "data": """
w = torch.ones(2, requires_grad=True)
w.data -= 0.5
print(w, w._version)
""",
    "grad mode": """
torch.set_grad_enabled(False)
x = torch.ones(2, requires_grad=True)
y = x * 2
torch.set_grad_enabled(True)
z = x * 2
print(y.requires_grad, z.requires_grad)
""",
    "plain errors": """
x = torch.ones(2)
try:
    x @ torch.ones(3)
except RuntimeError as error:
    print(error)
torch.ones(2) + torch.ones(3)
""",
    "name error": "print(undefined)\n",
    "seeds": """
torch.manual_seed(3)
print(torch.rand(2), torch.randint(0, 9, (3,)), torch.randperm(4))
""",
}
