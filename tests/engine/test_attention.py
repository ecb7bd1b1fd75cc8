"""Attention and transformers against torch: values, graphs, gradients, masks, refusals."""

from typing import Any

import pytest
from twins import agree


def graph(tensor: Any) -> list[str]:
    """The names of the nodes behind a tensor, level by level."""
    found, seen, level = [], set(), [tensor.grad_fn]
    while level:
        ahead = [n for node in level for n, _ in node.next_functions if n is not None]
        found += [node.name().split("::")[-1] for node in level]
        level = [n for n in dict.fromkeys(ahead) if n not in seen]
        seen.update(level)
    return found


PRODUCTS = {
    "3d": lambda F, t, q, k, v: F.scaled_dot_product_attention(q, k, v),
    "causal": lambda F, t, q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True),
    "scale": lambda F, t, q, k, v: F.scaled_dot_product_attention(q, k, v, scale=2.0),
    "2d": lambda F, t, q, k, v: F.scaled_dot_product_attention(q[0], k[0], v[0]),
    "mask": lambda F, t, q, k, v: F.scaled_dot_product_attention(q, k, v, seen(t)),
    "added mask": lambda F, t, q, k, v: F.scaled_dot_product_attention(q, k, v, t.randn(3, 5)),
    "nothing seen": lambda F, t, q, k, v: F.scaled_dot_product_attention(q, k, v, ~seen(t)),
    "4d": lambda F, t, q, k, v: F.scaled_dot_product_attention(q[:, None], k[:, None], v[:, None]),
    "4d causal": lambda F, t, q, k, v: F.scaled_dot_product_attention(
        q[:, None], k[:, None], v[:, None], is_causal=True
    ),
    "4d mask": lambda F, t, q, k, v: F.scaled_dot_product_attention(
        q[:, None], k[:, None], v[:, None], seen(t)
    ),
    "4d added mask": lambda F, t, q, k, v: F.scaled_dot_product_attention(
        q[:, None], k[:, None], v[:, None], t.randn(3, 5, requires_grad=True)
    ),
    "dropout": lambda F, t, q, k, v: F.scaled_dot_product_attention(q, k, v, dropout_p=0.5),
    "sizes": lambda F, t, q, k, v: F.scaled_dot_product_attention(q, k, v[:, 1:]),
    "dtypes": lambda F, t, q, k, v: F.scaled_dot_product_attention(q.double(), k, v),
    "dims": lambda F, t, q, k, v: F.scaled_dot_product_attention(q[0, 0], k[0, 0], v[0, 0]),
    "mask dtype": lambda F, t, q, k, v: F.scaled_dot_product_attention(
        q, k, v, t.ones(3, 5, dtype=t.int64)
    ),
}


def seen(torch: Any) -> Any:
    return torch.tensor(
        [[True, False, True, True, False], [False] * 5, [True, True, False, False, True]]
    )


@pytest.mark.parametrize("name", PRODUCTS)
def test_scaled_dot_products(name: str) -> None:
    def program(torch: Any) -> Any:
        shapes = [(2, 3, 4), (2, 5, 4), (2, 5, 4)]
        q, k, v = (torch.randn(*shape, requires_grad=True) for shape in shapes)
        y = PRODUCTS[name](torch.nn.functional, torch, q, k, v)
        print(graph(y), tuple(y.shape))
        y.backward(torch.linspace(-1, 1, y.numel()).reshape(y.shape))
        return [y, q.grad, k.grad, v.grad]

    agree(program, rtol=1e-5, atol=2e-6)


def test_no_second_derivative_of_the_one_operation() -> None:
    def program(torch: Any) -> Any:
        q = torch.randn(1, 2, 3, 4, requires_grad=True)
        y = torch.nn.functional.scaled_dot_product_attention(q, q, q)
        (g,) = torch.autograd.grad(y.sum(), q, create_graph=True)
        print(graph(g)[:1])
        g.sum().backward()

    agree(program)


HEADS = {
    "plain": ({}, {}),
    "batch first": ({"batch_first": True}, {}),
    "no weights": ({}, {"need_weights": False}),
    "no weights batch first": ({"batch_first": True}, {"need_weights": False}),
    "no bias": ({"bias": False}, {}),
    "every head": ({}, {"average_attn_weights": False}),
    "extra": ({"add_bias_kv": True, "add_zero_attn": True}, {"padding": True, "mask": "float"}),
    "padding": ({}, {"padding": True}),
    "mask": ({}, {"mask": "bool"}),
    "both": ({}, {"mask": "bool", "padding": True, "need_weights": False}),
    "mask no weights": ({}, {"mask": "float", "need_weights": False}),
    "causal": ({}, {"mask": "bool", "is_causal": True, "need_weights": False}),
    "dropout": ({"dropout": 0.3}, {}),
}


@pytest.mark.parametrize("crossed", [False, True])
@pytest.mark.parametrize("name", HEADS)
def test_several_heads(name: str, crossed: bool) -> None:
    made, run = HEADS[name]

    def program(torch: Any) -> Any:
        options: dict[str, Any] = dict(run)
        heads = torch.nn.MultiheadAttention(4, 2, **made)
        print(heads, [(n, tuple(p.shape)) for n, p in heads.named_parameters()])
        x = torch.randn(3, 3, 4, requires_grad=True)
        other = torch.randn(3, 3, 4, requires_grad=True) if crossed else x
        if options.pop("padding", False):
            hidden = torch.tensor(
                [[False, False, True], [False, False, False], [True, False, False]]
            )
            options["key_padding_mask"] = hidden
        kind = options.pop("mask", None)
        if kind is not None:
            mask = torch.triu(torch.ones(3, 3), 1).bool()
            options["attn_mask"] = mask if kind == "bool" else mask * torch.randn(3, 3)
        y, weights = heads(x, other, other, **options)
        print(graph(y), None if weights is None else (graph(weights), tuple(weights.shape)))
        y.backward(torch.linspace(-1, 1, y.numel()).reshape(y.shape))
        return [y, weights, x.grad, other.grad, [p.grad for p in heads.parameters()]]

    agree(program, rtol=1e-5, atol=2e-6)


def test_heads_of_other_sizes() -> None:
    def program(torch: Any) -> Any:
        heads = torch.nn.MultiheadAttention(4, 2, kdim=3, vdim=5)
        print(heads, [(n, tuple(p.shape)) for n, p in heads.named_parameters()])
        q, k, v = torch.randn(2, 4), torch.randn(6, 3), torch.randn(6, 5)
        y, weights = heads(q, k, v)
        print(graph(y), tuple(y.shape), tuple(weights.shape))
        three = torch.nn.MultiheadAttention(4, 4, batch_first=True).eval()
        z = three(torch.randn(2, 3, 4), torch.randn(2, 5, 4), torch.randn(2, 5, 4))
        return [y, weights, z]

    agree(program, rtol=1e-5, atol=2e-6)


TRANSFORMERS = {
    "encoder layer": lambda nn: nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0),
    "batch first": lambda nn: nn.TransformerEncoderLayer(4, 2, 8, 0.1, batch_first=True),
    "norm first": lambda nn: nn.TransformerEncoderLayer(4, 2, 8, norm_first=True, bias=False),
    "gelu": lambda nn: nn.TransformerEncoderLayer(4, 1, 8, activation="gelu"),
    "encoder": lambda nn: nn.TransformerEncoder(
        nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2, nn.LayerNorm(4)
    ),
    "slow encoder": lambda nn: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 2),
    "activation": lambda nn: nn.TransformerEncoderLayer(4, 2, 8, activation="tanh"),
}


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_encoders(name: str) -> None:
    def program(torch: Any) -> Any:
        module = TRANSFORMERS[name](torch.nn)
        print(module)
        x = torch.randn(3, 2, 4, requires_grad=True)
        y = module(x)
        print(graph(y))
        y.backward(torch.linspace(-1, 1, y.numel()).reshape(y.shape))
        hidden = torch.tensor([[False, True], [False, False], [False, True]])
        with torch.no_grad():
            quiet = module.eval()(x)
            if "batch" in name or name == "encoder":
                quiet = [quiet, module(x, src_key_padding_mask=hidden)]
        return [y, x.grad, [p.grad for p in module.parameters()], quiet]

    agree(program, rtol=1e-4, atol=5e-6)


def test_transformer() -> None:
    def program(torch: Any) -> Any:
        nn = torch.nn
        model = nn.Transformer(4, 2, 1, 2, 8, dropout=0.0, batch_first=True)
        print(model, sum(p.numel() for p in model.parameters()))
        source, target = torch.randn(2, 5, 4), torch.randn(2, 3, 4)
        mask = nn.Transformer.generate_square_subsequent_mask(3)
        print(mask)
        y = model(source, target, tgt_mask=mask)
        print(graph(y))
        y.square().sum().backward()
        layer = nn.TransformerDecoderLayer(4, 2, 8)
        z = layer(torch.randn(3, 2, 4), torch.randn(5, 2, 4))
        print(layer)
        return [y, [p.grad for p in model.parameters()], z]

    agree(program, rtol=1e-4, atol=5e-6)


REFUSALS = {
    "heads": lambda t, m: t.nn.MultiheadAttention(4, 3),
    "none": lambda t, m: t.nn.MultiheadAttention(0, 3),
    "dims": lambda t, m: m(t.ones(4), t.ones(4), t.ones(4)),
    "key dims": lambda t, m: m(t.ones(2, 4), t.ones(2, 1, 4), t.ones(2, 4)),
    "size": lambda t, m: m(t.ones(2, 3), t.ones(2, 3), t.ones(2, 3)),
    "key": lambda t, m: m(t.ones(2, 4), t.ones(3, 4), t.ones(2, 4)),
    "mask shape": lambda t, m: m(*[t.ones(2, 4)] * 3, attn_mask=t.ones(3, 3)),
    "mask dims": lambda t, m: m(*[t.ones(2, 4)] * 3, attn_mask=t.ones(3)),
    "mask 3d": lambda t, m: m(*[t.ones(2, 4)] * 3, attn_mask=t.ones(3, 3, 3)),
    "mask 3d batch": lambda t, m: m(*[t.ones(2, 1, 4)] * 3, attn_mask=t.ones(3, 3, 3)),
    "mask dtype": lambda t, m: m(*[t.ones(2, 4)] * 3, attn_mask=t.ones(2, 2, dtype=t.int64)),
    "padding dims": lambda t, m: m(*[t.ones(2, 4)] * 3, key_padding_mask=t.ones(2, 2)),
    "padding": lambda t, m: m(*[t.ones(2, 4)] * 3, key_padding_mask=t.ones(3)),
    "mismatch": lambda t, m: m(
        *[t.ones(2, 4)] * 3, key_padding_mask=t.ones(2) < 0, attn_mask=t.ones(2, 2)
    )[0],
    "causal": lambda t, m: m(*[t.ones(2, 4)] * 3, is_causal=True),
    "batches": lambda t, m: t.nn.Transformer(4, 2, 1, 1, 4)(t.ones(2, 2, 4), t.ones(2, 3, 4)),
    "features": lambda t, m: t.nn.Transformer(4, 2, 1, 1, 4)(t.ones(2, 3, 3), t.ones(2, 3, 4)),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_are_torchs(name: str) -> None:
    agree(lambda t: REFUSALS[name](t, t.nn.MultiheadAttention(4, 2)), rtol=1e-5, atol=1e-6)
