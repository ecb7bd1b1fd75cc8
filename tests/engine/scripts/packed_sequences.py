"""Sequences of different lengths through recurrent networks, packed and padded again."""

import torch
from torch import nn
from torch.nn.utils.rnn import (
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    unpack_sequence,
)

torch.manual_seed(0)
x = torch.randn(3, 4, 2, requires_grad=True)
for lengths, ordered in (([3, 3, 2, 1], True), ([2, 3, 1, 1], False)):
    packed = pack_padded_sequence(x, lengths, enforce_sorted=ordered)
    print(packed)
    for kind in (nn.LSTM, nn.RNN, nn.GRU):
        net = kind(2, 3, bidirectional=ordered)
        out, state = net(packed)
        print(out.data.grad_fn, out.batch_sizes)
        padded, sizes = pad_packed_sequence(out, batch_first=ordered)
        print(padded.shape, sizes, padded.grad_fn)
        print(padded.sum())
        padded.pow(2).sum().backward(retain_graph=True)
        print(x.grad)
        x.grad = None

rows = [torch.arange(3.0), torch.arange(2.0), torch.arange(1.0)]
packed = pack_sequence(rows)
print(packed, unpack_sequence(packed))
for wrong in (
    lambda: pack_sequence(rows[::-1]),
    lambda: pack_padded_sequence(x, [1, 0, 1, 1], enforce_sorted=False),
    lambda: pack_padded_sequence(x, [1, 1]),
    lambda: pad_packed_sequence(packed, total_length=1),
):
    try:
        wrong()
    except (RuntimeError, ValueError) as error:
        print(error)
