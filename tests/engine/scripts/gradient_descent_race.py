import torch


def rosenbrock(v):
    x, y = v
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


makers = {
    "SGD": lambda p: torch.optim.SGD(p, lr=1e-4),
    "Momentum": lambda p: torch.optim.SGD(p, lr=1e-4, momentum=0.9, nesterov=True),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.05),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.05),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.01),
    "Adagrad": lambda p: torch.optim.Adagrad(p, lr=0.5),
    "Adadelta": lambda p: torch.optim.Adadelta(p),
    "Adamax": lambda p: torch.optim.Adamax(p),
    "NAdam": lambda p: torch.optim.NAdam(p),
}
for name, make in makers.items():
    v = torch.tensor([-1.5, 2.0], requires_grad=True)
    optimizer = make([v])
    for _ in range(100):
        optimizer.zero_grad()
        loss = rosenbrock(v)
        loss.backward()
        optimizer.step()
    print(
        f"{name:9s} {loss.item():10.4f} {v[0].item():7.3f} {v[1].item():7.3f}",
        sorted(optimizer.state[v]),
    )
