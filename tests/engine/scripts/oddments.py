"""Settings of the machine, functions entry by entry, what is always so, empty batches."""

import torch
import torch.nn.functional as F


def shown(label, call):
    try:
        print(label, repr(call()))
    except Exception as error:
        print(label, type(error).__name__, error)


x = torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
shown("apply_", lambda: x.clone().apply_(lambda v: v * 2 + 1))
shown("of whole numbers", lambda: torch.arange(3).apply_(lambda v: v * 2.7))
shown("across", lambda: x.clone().t().apply_(lambda v: v + 1))
shown("followed", lambda: x.clone().requires_grad_().apply_(lambda v: v))
shown("map_", lambda: x.clone().map_(torch.ones(3), lambda a, b: a + b))
shown("map2_", lambda: x.clone().map2_(x, x, lambda a, b, c: a + b * c))
shown("another dtype", lambda: x.clone().map_(torch.ones(3).double(), lambda a, b: a))
print(x.is_cpu, x.is_nested, x.is_shared(), x.is_conj(), x.share_memory_() is x, x.name)
print(x.is_set_to(x.view(2, 3)), x.is_set_to(x.view(6)), x.is_set_to(x.clone()))
print(torch.is_signed(x), torch.is_neg(x), torch.get_device(x), torch.is_storage(x))
print(isinstance(x.layout, torch.layout), isinstance(torch.preserve_format, torch.memory_format))
torch.set_num_threads(1)
print(torch.get_num_threads())
shown("no threads", lambda: torch.set_num_threads(0))
shown("a float", lambda: torch.set_num_threads(1.0))
print(torch.get_float32_matmul_precision(), torch.get_default_device())
torch.set_float32_matmul_precision("high")
print(torch.get_float32_matmul_precision())
torch.set_float32_matmul_precision("highest")
shown("asarray", lambda: torch.asarray([1, 2.5], requires_grad=True))
shown("the same", lambda: torch.asarray(x) is x)
shown("a copy", lambda: torch.asarray(x, copy=True).data_ptr() == x.data_ptr())
shown("no alias", lambda: torch.asarray(x, dtype=torch.float64, copy=False))
shown("kl_div", lambda: torch.kl_div(x.log_softmax(-1), (x * x).softmax(-1), 2))
shown("hinge", lambda: torch.hinge_embedding_loss(x, torch.ones(2, 3), reduction=1))
shown("ranking", lambda: torch.margin_ranking_loss(x, x + 1, torch.ones(2, 3)))
shown("cosine", lambda: torch.cosine_embedding_loss(x, x + 1, torch.ones(2)))
shown("triplet", lambda: torch.triplet_margin_loss(x, x + 1, x - 1))
shown("poisson", lambda: torch.poisson_nll_loss(x, x, True, False, 1e-8, 1))
shown("shuffle", lambda: torch.channel_shuffle(torch.arange(8.0).reshape(1, 4, 2), 2))
shown("put", lambda: torch.index_put(x, (torch.tensor([0]), torch.tensor([1])), torch.tensor(9.0)))
shown("frobenius", lambda: torch.frobenius_norm(x, [0, 1]))
shown(
    "instances",
    lambda: torch.instance_norm(x.view(1, 2, 3), None, None, None, None, True, 0.1, 1e-5, False),
)
shown("new", lambda: (x.new([1, 2]), x.new(2, 3).shape))
for size in ((0, 2, 3, 3), (1, 2, 3, 3)):
    image = torch.ones(size, requires_grad=True)
    kernel = torch.ones(2, 1, 2, 2, requires_grad=True)
    out = F.conv_transpose2d(image, kernel)
    out.sum().backward()
    print(out.shape, image.grad.shape, kernel.grad)
