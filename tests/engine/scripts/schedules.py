import torch
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    ReduceLROnPlateau,
    StepLR,
)

for make in (
    lambda o: StepLR(o, step_size=2, gamma=0.1),
    lambda o: MultiStepLR(o, milestones=[2, 4], gamma=0.5),
    lambda o: ExponentialLR(o, gamma=0.9),
    lambda o: CosineAnnealingLR(o, T_max=4),
    lambda o: LambdaLR(o, lr_lambda=lambda e: 0.95**e),
    lambda o: LinearLR(o, start_factor=0.5, total_iters=4),
    lambda o: OneCycleLR(o, max_lr=1.0, total_steps=8),
):
    w = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([w], lr=1.0, momentum=0.9)
    scheduler = make(optimizer)
    rates = []
    for _ in range(6):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    print(type(scheduler).__name__, rates, scheduler.last_epoch, scheduler.get_last_lr())
optimizer = torch.optim.SGD([w], lr=1.0)
plateau = ReduceLROnPlateau(optimizer, mode="min", factor=0.5, patience=1)
for loss in [1.0, 0.9, 0.9, 0.9, 0.9, 0.8, 0.8, 0.8]:
    plateau.step(loss)
    print(optimizer.param_groups[0]["lr"], end=" ")
print()
