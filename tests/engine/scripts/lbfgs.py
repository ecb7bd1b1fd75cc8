import torch

x = torch.tensor([10.0, -3.0], requires_grad=True)
optimizer = torch.optim.LBFGS([x], history_size=10, max_iter=4, line_search_fn="strong_wolfe")


def closure():
    optimizer.zero_grad()
    loss = (x[0] - 1) ** 2 + 10 * (x[1] - 2) ** 2
    loss.backward()
    return loss


for i in range(3):
    loss = optimizer.step(closure)
    print(i, f"{loss.item():.4f}")
print([round(v, 3) for v in x.tolist()])
