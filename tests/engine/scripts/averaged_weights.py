"""Averages of weights on the way, their schedule, and Adafactor."""

import torch
from torch import nn
from torch.optim.swa_utils import (
    SWALR,
    AveragedModel,
    get_ema_avg_fn,
    get_ema_multi_avg_fn,
    get_swa_avg_fn,
    update_bn,
)

torch.manual_seed(0)
x, y = torch.randn(32, 4), torch.randn(32, 2)
model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
averages = [
    AveragedModel(model),
    AveragedModel(model, avg_fn=get_swa_avg_fn()),
    AveragedModel(model, avg_fn=get_ema_avg_fn(0.9)),
    AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True),
    AveragedModel(model, avg_fn=lambda average, now, count: 0.1 * average + 0.9 * now),
]
print(averages[0])
schedule = SWALR(optimizer, swa_lr=0.05, anneal_epochs=3)
for epoch in range(6):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    for averaged in averages:
        averaged.update_parameters(model)
    schedule.step()
    print(epoch, round(loss.item(), 4), schedule.get_last_lr())
update_bn([x[:16], x[16:]], averages[0])
for averaged in averages:
    averaged.eval()
    print(averaged.n_averaged, averaged(x[:2]), list(averaged.state_dict())[:3])
print(sorted(schedule.state_dict()))
line = SWALR(torch.optim.SGD(model.parameters(), lr=0.1), 0.01, 2, "linear")
for _ in range(4):
    line.optimizer.step()
    line.step()
    print(line.get_last_lr())
for wrong in (
    lambda: SWALR(optimizer, 0.1, anneal_strategy="up"),
    lambda: SWALR(optimizer, 0.1, anneal_epochs=-1),
    lambda: get_ema_avg_fn(2.0),
    lambda: torch.optim.Adafactor(model.parameters(), lr=-1.0),
    lambda: torch.optim.Adafactor(model.parameters(), d=0.5),
):
    try:
        wrong()
    except Exception as error:
        print(type(error).__name__, error)

factored = torch.optim.Adafactor(model.parameters(), lr=0.1, weight_decay=0.01)
print(factored)
for _ in range(5):
    factored.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    factored.step()
    print(round(loss.item(), 4))
print({k: v.shape for k, v in factored.state[model[0].weight].items()})
print(model[0].weight)
