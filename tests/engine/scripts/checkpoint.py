import copy

import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
x, y = torch.randn(8, 2), torch.randn(8, 1)


def train(model, optimizer, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
    return loss.item()


train(model, optimizer, 3)
checkpoint = copy.deepcopy({"model": model.state_dict(), "optimizer": optimizer.state_dict()})
first = train(model, optimizer, 3)
model.load_state_dict(checkpoint["model"])
optimizer.load_state_dict(checkpoint["optimizer"])
again = train(model, optimizer, 3)
print(
    first == again,
    sorted(checkpoint["optimizer"]["state"][0]),
    checkpoint["optimizer"]["param_groups"],
)
twin = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
print(twin.load_state_dict(model.state_dict()), torch.allclose(twin(x), model(x)))
for key, value in checkpoint["model"].items():
    print(key, tuple(value.shape), value.requires_grad)
