# learning-rate schedules and early stopping with a dataclass config
import copy
from dataclasses import dataclass, field

import torch
from torch import nn, optim


@dataclass
class Config:
    lr: float = 0.1
    hidden: tuple = (8, 4)
    epochs: int = 6
    milestones: list = field(default_factory=lambda: [2, 4])


cfg = Config()
print(cfg)
torch.manual_seed(0)


def make(cfg):
    sizes = (2, *cfg.hidden, 1)
    layers = []
    for a, b in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(a, b), nn.Tanh()]
    return nn.Sequential(*layers[:-1])


net = make(cfg)
print(net)
X = torch.rand(64, 2)
y = (X[:, :1] * X[:, 1:]).sin()
opt = optim.SGD(net.parameters(), lr=cfg.lr, momentum=0.9, weight_decay=1e-4, nesterov=True)
sched = optim.lr_scheduler.MultiStepLR(opt, milestones=cfg.milestones, gamma=0.1)
best, best_state = float("inf"), None
for epoch in range(cfg.epochs):
    loss = nn.functional.mse_loss(net(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    print(f"{epoch} {loss.item():.5f} {sched.get_last_lr()}")
    if loss.item() < best:
        best, best_state = loss.item(), copy.deepcopy(net.state_dict())
print(net.load_state_dict(best_state))
print(opt)
for S in (
    optim.lr_scheduler.CosineAnnealingLR(opt, T_max=4),
    optim.lr_scheduler.ExponentialLR(opt, 0.5),
    optim.lr_scheduler.LambdaLR(opt, lambda e: 0.9**e),
):
    print(type(S).__name__, S.get_last_lr())
    opt.step()
    S.step()
    print([f"{g['lr']:.5f}" for g in opt.param_groups])
