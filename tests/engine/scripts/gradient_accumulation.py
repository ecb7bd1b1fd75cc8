import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(3, 1, bias=False)
x, y = torch.randn(6, 3), torch.randn(6, 1)
loss = nn.MSELoss(reduction="sum")
loss(model(x), y).backward()
whole = model.weight.grad.clone()
model.zero_grad()
for i in range(0, 6, 2):
    loss(model(x[i : i + 2]), y[i : i + 2]).backward()
    print(i, model.weight.grad.shape)
print(torch.allclose(whole, model.weight.grad))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
optimizer.zero_grad(set_to_none=False)
print(model.weight.grad)
optimizer.zero_grad()
print(model.weight.grad)
