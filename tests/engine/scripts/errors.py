import torch
from torch import nn

weights = torch.ones(4, requires_grad=True)
attempts = [
    lambda: torch.optim.SGD(weights, lr=0.01),
    lambda: torch.optim.SGD([], lr=0.01),
    lambda: torch.optim.SGD([weights * 2], lr=0.01),
    lambda: torch.optim.Adam([weights], lr=-1),
    lambda: (weights * 2).backward(),
    lambda: weights.add_(1),
    lambda: nn.Linear(3, 2)(torch.ones(2, 4)),
    lambda: nn.Linear(3, 2)(3),
    lambda: nn.CrossEntropyLoss()(torch.randn(2, 3), torch.tensor([0, 3])),
    lambda: nn.MSELoss()(torch.ones(3), torch.ones(4)),
    lambda: nn.Sequential(nn.Linear(2, 2)).load_state_dict({}),
    lambda: nn.Linear(2, 2).foo,
    lambda: torch.tensor([1], requires_grad=True),
    lambda: torch.tensor(1.0).backward(),
    lambda: torch.nn.Parameter(torch.tensor([1])),
]
for attempt in attempts:
    try:
        print(attempt())
    except Exception as error:
        print(type(error).__name__, "|", error)
y = weights.sum() ** 2
y.backward()
try:
    y.backward()
except RuntimeError as error:
    print(error)
