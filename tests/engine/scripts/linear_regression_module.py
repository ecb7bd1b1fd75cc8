import torch
import torch.nn as nn

torch.manual_seed(1)
x = torch.randn(100, 1)
y = 2 * x + 3 + 0.05 * torch.randn(100, 1)


class LinearRegression(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x):
        return self.linear(x)


model = LinearRegression()
print(model)
print(list(model.parameters()))
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
print(optimizer)
for epoch in range(50):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        print(epoch, round(loss.item(), 5))
print(model.linear.weight, model.linear.bias)
print({k: v.shape for k, v in model.state_dict().items()})
