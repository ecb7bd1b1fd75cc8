import torch

torch.manual_seed(0)
R = torch.tensor(
    [[5.0, 3.0, 0.0, 1.0], [4.0, 0.0, 0.0, 1.0], [1.0, 1.0, 0.0, 5.0], [0.0, 1.0, 5.0, 4.0]]
)
mask = R > 0
U = torch.randn(4, 2, requires_grad=True)
V = torch.randn(4, 2, requires_grad=True)
optimizer = torch.optim.Adam([U, V], lr=0.1)
for i in range(101):
    optimizer.zero_grad()
    loss = ((U @ V.T - R)[mask] ** 2).sum() + 0.01 * (U.norm() ** 2 + V.norm() ** 2)
    loss.backward()
    optimizer.step()
    if i % 50 == 0:
        print(i, f"{loss.item():.3f}", loss.grad_fn)
print((U @ V.T).round().detach())
