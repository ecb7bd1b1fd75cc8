import torch
from torch import nn


class AutoEncoder(nn.Module):
    def __init__(self, size=8, code=2):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(size, 6), nn.ReLU(), nn.Linear(6, code))
        self.decoder = nn.Sequential(
            nn.Linear(code, 6), nn.ReLU(), nn.Linear(6, size), nn.Sigmoid()
        )

    def forward(self, x):
        code = self.encoder(x)
        return self.decoder(code), code


torch.manual_seed(0)
model = AutoEncoder()
print(model)
data = torch.rand(32, 8)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=1e-3)
for epoch in range(31):
    out, code = model(data)
    loss = nn.functional.mse_loss(out, data) + 1e-3 * code.abs().mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        print(f"epoch {epoch}: {loss.item():.4f}")
model.eval()
with torch.inference_mode():
    print(model(data)[1].shape, model.training)
