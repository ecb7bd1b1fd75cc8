import torch
import torch.nn as nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.Linear(10, 20), nn.BatchNorm1d(20), nn.ReLU(), nn.Dropout(0.5), nn.Linear(20, 2)
)
print(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(32, 10), torch.randint(0, 2, (32,))
for epoch in range(10):
    model.train()
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 3 == 0:
        print(epoch, f"{loss.item():.4f}")
model.eval()
print(torch.equal(model(x), model(x)), model[1].num_batches_tracked)
print(model[1].running_mean[:3].round(decimals=3), model[1].running_var.shape)
layer = nn.LayerNorm(4)
out = layer(torch.arange(8.0).view(2, 4))
print(out, layer)
d = nn.Dropout(0.2)
print(d(torch.ones(3, 6)))
