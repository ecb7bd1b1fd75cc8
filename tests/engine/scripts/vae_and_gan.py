# GAN + VAE on synthetic data
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(7)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(8, 6)
        self.fc21 = nn.Linear(6, 2)
        self.fc22 = nn.Linear(6, 2)
        self.fc3 = nn.Linear(2, 6)
        self.fc4 = nn.Linear(6, 8)

    def encode(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def decode(self, z):
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 8))
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 8), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


model = VAE()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
data = (torch.rand(64, 8) > 0.6).float()
for epoch in range(1, 4):
    train_loss = 0
    for batch in data.split(16):
        opt.zero_grad()
        recon, mu, logvar = model(batch)
        loss = loss_function(recon, batch, mu, logvar)
        loss.backward()
        train_loss += loss.item()
        opt.step()
    print(f"====> Epoch: {epoch} Average loss: {train_loss / len(data):.4f}")
G = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2, inplace=True), nn.Linear(16, 2))
D = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1), nn.Sigmoid())
print(G, D)


def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("Linear") != -1:
        nn.init.normal_(m.weight.data, 0.0, 0.02)
        nn.init.constant_(m.bias.data, 0)


G.apply(weights_init)
D.apply(weights_init)
crit = nn.BCELoss()
optD = torch.optim.Adam(D.parameters(), lr=0.01, betas=(0.5, 0.999))
optG = torch.optim.Adam(G.parameters(), lr=0.01, betas=(0.5, 0.999))
for step in range(6):
    real = torch.randn(32, 2) + 3
    D.zero_grad()
    label = torch.full((32,), 1.0)
    errD_real = crit(D(real).view(-1), label)
    errD_real.backward()
    noise = torch.randn(32, 2)
    fake = G(noise)
    label.fill_(0.0)
    errD_fake = crit(D(fake.detach()).view(-1), label)
    errD_fake.backward()
    optD.step()
    G.zero_grad()
    label.fill_(1.0)
    errG = crit(D(fake).view(-1), label)
    errG.backward()
    optG.step()
    if step % 2 == 0:
        print(
            "[%d] Loss_D: %.4f Loss_G: %.4f" % (step, (errD_real + errD_fake).item(), errG.item())
        )
