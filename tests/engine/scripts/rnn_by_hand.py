import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
text = "hello world"
chars = sorted(set(text))
index = {c: i for i, c in enumerate(chars)}


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        combined = torch.cat((input, hidden), 1)
        hidden = torch.tanh(self.i2h(combined))
        return self.softmax(self.h2o(hidden)), hidden

    def initHidden(self):
        return torch.zeros(1, self.hidden_size)


rnn = RNN(len(chars), 16, len(chars))
print(rnn)
criterion = nn.NLLLoss()
inputs = F.one_hot(torch.tensor([index[c] for c in text[:-1]]), len(chars)).float()
targets = torch.tensor([index[c] for c in text[1:]])
for epoch in range(60):
    hidden = rnn.initHidden()
    rnn.zero_grad()
    loss = 0
    for t in range(len(text) - 1):
        output, hidden = rnn(inputs[t].unsqueeze(0), hidden)
        loss = loss + criterion(output, targets[t].unsqueeze(0))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(rnn.parameters(), 5.0)
    for p in rnn.parameters():
        p.data.add_(p.grad.data, alpha=-0.1)
    if epoch % 20 == 0:
        print(epoch, f"{loss.item():.3f}", loss.grad_fn, output.grad_fn)
print(output.argmax(1), hidden.shape)
