import torch
from torch import nn


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 3, bias=False)
        self.second = nn.Linear(3, 3, bias=False)
        self.second.weight = self.first.weight

    def forward(self, x):
        return self.second(self.first(x).relu())


torch.manual_seed(0)
model = Tied()
print(
    len(list(model.parameters())),
    [n for n, _ in model.named_parameters()],
    list(model.state_dict()),
)
print(model.first.weight is model.second.weight)
model(torch.eye(3)).sum().backward()
print(model.first.weight.grad is model.second.weight.grad, model.first.weight.grad.shape)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer.step()
print(torch.equal(model.first.weight, model.second.weight), model.first.weight._version)
