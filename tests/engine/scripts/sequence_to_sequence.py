# seq2seq attention decoder, reinforcement, custom module containers
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1)
random.seed(1)


class EncoderRNN(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(input_size, hidden_size)
        self.gru = nn.GRU(hidden_size, hidden_size, batch_first=True)

    def forward(self, input):
        return self.gru(self.embedding(input))


class BahdanauAttention(nn.Module):
    def __init__(self, hidden_size):
        super().__init__()
        self.Wa = nn.Linear(hidden_size, hidden_size)
        self.Ua = nn.Linear(hidden_size, hidden_size)
        self.Va = nn.Linear(hidden_size, 1)

    def forward(self, query, keys):
        scores = self.Va(torch.tanh(self.Wa(query) + self.Ua(keys)))
        scores = scores.squeeze(2).unsqueeze(1)
        weights = F.softmax(scores, dim=-1)
        return torch.bmm(weights, keys), weights


class Decoder(nn.Module):
    def __init__(self, hidden_size, output_size):
        super().__init__()
        self.embedding = nn.Embedding(output_size, hidden_size)
        self.attention = BahdanauAttention(hidden_size)
        self.gru = nn.GRU(2 * hidden_size, hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, output_size)

    def forward(self, enc_out, enc_hid, target):
        inp = torch.empty(enc_out.size(0), 1, dtype=torch.long).fill_(0)
        hidden, outs, atts = enc_hid, [], []
        for i in range(target.size(1)):
            emb = self.embedding(inp)
            ctx, w = self.attention(hidden.permute(1, 0, 2), enc_out)
            o, hidden = self.gru(torch.cat((emb, ctx), dim=2), hidden)
            outs.append(self.out(o))
            atts.append(w)
            inp = target[:, i].unsqueeze(1)
        return F.log_softmax(torch.cat(outs, dim=1), dim=-1), hidden, torch.cat(atts, dim=1)


enc, dec = EncoderRNN(10, 8), Decoder(8, 10)
print(enc, dec, sep="\n")
eo, do = torch.optim.Adam(enc.parameters(), 1e-2), torch.optim.Adam(dec.parameters(), 1e-2)
crit = nn.NLLLoss()
src = torch.randint(1, 10, (4, 5))
tgt = src.flip(1)
for step in range(4):
    e, h = enc(src)
    out, _, att = dec(e, h, tgt)
    loss = crit(out.view(-1, out.size(-1)), tgt.view(-1))
    eo.zero_grad()
    do.zero_grad()
    loss.backward()
    eo.step()
    do.step()
    print(step, round(loss.item(), 4), att.shape, att[0, 0].sum())
