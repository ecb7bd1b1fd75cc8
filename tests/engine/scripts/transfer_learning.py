# freezing a backbone, training a head, parameter groups
import torch
from torch import nn, optim

torch.manual_seed(0)
backbone = nn.Sequential(nn.Linear(4, 8), nn.ReLU())
for param in backbone.parameters():
    param.requires_grad = False
model = nn.Sequential(backbone, nn.Linear(8, 2))
trainable = [p for p in model.parameters() if p.requires_grad]
print(len(trainable), [n for n, p in model.named_parameters() if p.requires_grad])
optimizer = optim.SGD(trainable, lr=1e-2, momentum=0.9)
x, t = torch.randn(16, 4), torch.randint(0, 2, (16,))
before = backbone[0].weight.clone()
for _ in range(5):
    loss = nn.functional.cross_entropy(model(x), t)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"{loss.item():.4f}", torch.equal(before, backbone[0].weight), backbone[0].weight.grad)
backbone.requires_grad_(True)
optimizer.add_param_group({"params": backbone.parameters(), "lr": 1e-3})
loss = nn.functional.cross_entropy(model(x), t)
loss.backward()
optimizer.step()
print(len(optimizer.param_groups), torch.equal(before, backbone[0].weight))
print(optimizer)
