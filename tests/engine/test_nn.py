"""`torch.nn` against torch: text, draws, values, gradients, hooks, state, refusals."""

from typing import Any

import pytest
from twins import agree

MODULES = {
    "linear": lambda nn: nn.Linear(4, 3),
    "no bias": lambda nn: nn.Linear(4, 2, bias=False),
    "identity": lambda nn: nn.Identity(3, x=4),
    "mlp": lambda nn: nn.Sequential(
        nn.Linear(4, 5), nn.ReLU(), nn.Sequential(nn.Linear(5, 2), nn.Tanh()), nn.Softmax(dim=1)
    ),
    "activations": lambda nn: nn.Sequential(
        nn.LeakyReLU(0.1), nn.ELU(0.5), nn.GELU(), nn.SiLU(), nn.Softplus(2), nn.Sigmoid()
    ),
    "more": lambda nn: nn.Sequential(
        nn.Hardtanh(-0.5, 0.5), nn.ReLU6(), nn.Mish(), nn.LogSigmoid(), nn.Hardswish(), nn.CELU()
    ),
    "rest": lambda nn: nn.Sequential(
        nn.SELU(), nn.Softsign(), nn.Tanhshrink(), nn.Hardsigmoid(), nn.Threshold(0.1, 2.0)
    ),
    "inplace": lambda nn: nn.Sequential(nn.Linear(4, 3), nn.ReLU(inplace=True), nn.SiLU()),
    "shrinks": lambda nn: nn.Sequential(nn.Hardshrink(0.1), nn.Softshrink(0.2), nn.GLU(1)),
    "prelu": lambda nn: nn.PReLU(4, 0.1),
    "log softmax": lambda nn: nn.LogSoftmax(dim=-1),
    "layer norm": lambda nn: nn.LayerNorm(4),
    "layer norm plain": lambda nn: nn.LayerNorm((4,), elementwise_affine=False),
    "batch norm": lambda nn: nn.BatchNorm1d(4),
    "batch norm plain": lambda nn: nn.BatchNorm1d(4, affine=False, momentum=None),
    "batch norm eval": lambda nn: nn.BatchNorm1d(4).eval(),
    "group norm": lambda nn: nn.GroupNorm(1, 4),
    "rms norm": lambda nn: nn.RMSNorm(4),
    "dropout": lambda nn: nn.Sequential(nn.Linear(4, 20), nn.Dropout(0.3), nn.Dropout(0.9).eval()),
    "flatten": lambda nn: nn.Sequential(nn.Unflatten(1, (2, 2)), nn.Flatten()),
    "double": lambda nn: nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4)).double().float(),
}


@pytest.mark.parametrize("name", MODULES)
def test_modules(name: str) -> None:
    def program(torch: Any) -> Any:
        module = MODULES[name](torch.nn)
        print(module, sum(p.numel() for p in module.parameters()))
        x = torch.randn(6, 4, requires_grad=True)
        y = module(x)
        print(type(y.grad_fn).__name__, tuple(y.shape))
        y.backward(torch.linspace(-1, 1, y.numel()).reshape(y.shape))
        print([(n, tuple(p.shape), p.grad is None) for n, p in module.named_parameters()])
        grads = [p.grad for p in module.parameters()]
        state = module.state_dict()
        print(list(state), state._metadata)
        return [y, x.grad, grads, list(state.values())]

    agree(program, rtol=2e-6, atol=2e-6)


def test_draws_of_initialisation() -> None:
    def program(torch: Any) -> Any:
        nn = torch.nn
        layers = [nn.Linear(3, 2), nn.Linear(40, 30), nn.Embedding(5, 7, padding_idx=2)]
        layers += [nn.Bilinear(2, 3, 4), nn.Linear(3, 3, dtype=torch.float64)]
        print(layers[0].weight, layers[0].bias, layers[2])
        found = [p for layer in layers for p in layer.parameters()]
        init, w = nn.init, torch.empty(6, 4)
        for draw in (
            init.uniform_,
            init.normal_,
            init.xavier_uniform_,
            init.xavier_normal_,
            init.kaiming_uniform_,
            init.kaiming_normal_,
            init.zeros_,
            init.ones_,
            init.eye_,
            init.trunc_normal_,
        ):
            found.append(draw(w).clone())
        found.append(init.constant_(w, 0.3).clone())
        found.append(init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu").clone())
        found.append(init.sparse_(w, 0.4).clone())
        print(w._version, init.calculate_gain("tanh"), init.calculate_gain("leaky_relu", 0.2))
        return found

    agree(program)


def test_orthogonal() -> None:
    def program(torch: Any) -> Any:
        w, v = torch.empty(3, 5), torch.empty(5, 3)
        return [torch.nn.init.orthogonal_(w), torch.nn.init.orthogonal_(v, gain=2.0)]

    agree(program, rtol=1e-5, atol=1e-6)


IMAGES = {
    "conv": lambda nn: nn.Conv2d(2, 4, 3),
    "conv options": lambda nn: nn.Conv2d(2, 4, (3, 2), stride=2, padding=1, bias=False),
    "dilated": lambda nn: nn.Conv2d(2, 2, 3, dilation=2, groups=2, padding="same"),
    "reflect": lambda nn: nn.Conv2d(2, 3, 3, padding=1, padding_mode="reflect"),
    "transposed": lambda nn: nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, output_padding=1),
    "max": lambda nn: nn.MaxPool2d(2),
    "max options": lambda nn: nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True),
    "avg": lambda nn: nn.AvgPool2d(2, padding=1, count_include_pad=False),
    "adaptive": lambda nn: nn.AdaptiveAvgPool2d((3, 2)),
    "adaptive one": lambda nn: nn.AdaptiveAvgPool2d(1),
    "adaptive max": lambda nn: nn.AdaptiveMaxPool2d((3, None)),
    "batch norm": lambda nn: nn.BatchNorm2d(2),
    "lenet": lambda nn: nn.Sequential(
        nn.Conv2d(2, 3, 3), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Flatten(), nn.Linear(12, 5)
    ),
    "dropout": lambda nn: nn.Dropout2d(0.4),
}


@pytest.mark.parametrize("name", IMAGES)
def test_modules_of_images(name: str) -> None:
    def program(torch: Any) -> Any:
        module = IMAGES[name](torch.nn)
        x = torch.randn(3, 2, 6, 7, requires_grad=True)
        y = module(x)
        print(module, tuple(y.shape), type(y.grad_fn).__name__)
        v = torch.linspace(-1, 1, y.numel()).reshape(y.shape)
        (grad,) = torch.autograd.grad(y, x, v, create_graph=True)
        slopes = torch.autograd.grad(y, list(module.parameters()), v) if grad is None else []
        y.backward(v)
        return [y, grad, slopes, [p.grad for p in module.parameters()], x.grad]

    agree(program, rtol=1e-5, atol=1e-5)


def test_convolutions_twice_differentiated() -> None:
    def program(torch: Any) -> Any:
        F = torch.nn.functional
        torch.set_default_dtype(torch.float64)
        try:
            x = torch.randn(2, 2, 9, requires_grad=True)
            w = torch.randn(4, 1, 3, requires_grad=True)
            y = F.conv1d(x, w, torch.ones(4), stride=2, padding=1, groups=2).tanh()
            z = F.conv_transpose1d(y, torch.ones(4, 2, 2), stride=2)
            found = torch.autograd.grad(z.pow(2).sum(), (x, w), create_graph=True)
            total = sum((f**2).sum() for f in found) + F.avg_pool1d(x, 2).pow(2).sum()
            return [z, found, torch.autograd.grad(total, (x, w))]
        finally:
            torch.set_default_dtype(torch.float32)

    agree(program, rtol=1e-9, atol=1e-9)


SEQUENCES = {
    "rnn": lambda nn: nn.RNN(3, 4),
    "relu": lambda nn: nn.RNN(3, 4, 2, nonlinearity="relu", batch_first=True),
    "gru": lambda nn: nn.GRU(3, 4, num_layers=2, bidirectional=True),
    "lstm": lambda nn: nn.LSTM(3, 4, bias=False),
    "lstm layers": lambda nn: nn.LSTM(3, 4, 2, batch_first=True, bidirectional=True),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_sequences(name: str) -> None:
    def program(torch: Any) -> Any:
        module = SEQUENCES[name](torch.nn)
        print(module, [n for n, _ in module.named_parameters()])
        x = torch.randn(5, 2, 3, requires_grad=True)
        out, end = module(x)
        (out**2).sum().backward()
        single, _ = module(x.detach()[:, 0])
        grads = [p.grad for p in module.parameters()]
        return [out, end, x.grad, grads, single, list(module.parameters())]

    agree(program, rtol=1e-5, atol=1e-6)


def test_cells() -> None:
    def program(torch: Any) -> Any:
        nn, found = torch.nn, []
        x = torch.randn(2, 3, requires_grad=True)
        for cell in (nn.RNNCell(3, 4), nn.RNNCell(3, 4, False, "relu"), nn.GRUCell(3, 4)):
            h = cell(x)
            h = cell(x, h)
            print(cell, type(h.grad_fn).__name__)
            found += [h, cell(x[0]), torch.autograd.grad(h.sum(), [x, *cell.parameters()])]
        lstm = nn.LSTMCell(3, 4)
        h, c = lstm(x, lstm(x))
        print(lstm, h.grad_fn is not None, c.shape)
        return [found, h, c, torch.autograd.grad((h + c).sum(), [x, *lstm.parameters()])]

    agree(program, rtol=1e-5, atol=1e-6)


LOSSES = {
    "mse": lambda nn: nn.MSELoss(),
    "l1": lambda nn: nn.L1Loss(reduction="sum"),
    "smooth": lambda nn: nn.SmoothL1Loss(beta=0.5),
    "huber": lambda nn: nn.HuberLoss(delta=0.5),
    "logits": lambda nn: nn.BCEWithLogitsLoss(),
    "kl": lambda nn: nn.KLDivLoss(reduction="batchmean"),
    "poisson": lambda nn: nn.PoissonNLLLoss(),
    "soft margin": lambda nn: nn.SoftMarginLoss(),
    "cosine": lambda nn: nn.CosineSimilarity(),
    "distance": lambda nn: nn.PairwiseDistance(p=1),
    "soft classes": lambda nn: nn.CrossEntropyLoss(label_smoothing=0.1),
    "legacy": lambda nn: nn.MSELoss(size_average=False),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str) -> None:
    def program(torch: Any) -> Any:
        loss = LOSSES[name](torch.nn)
        x, target = torch.randn(3, 4, requires_grad=True), torch.rand(3, 4)
        y = loss(x, target)
        print(loss, y.shape)
        y.sum().backward()
        return [y, x.grad]

    agree(program, rtol=2e-6, atol=1e-6)


def test_losses_of_classes() -> None:
    def program(torch: Any) -> Any:
        nn = torch.nn
        x = torch.randn(5, 3, requires_grad=True)
        classes = torch.tensor([0, 2, 1, 2, -100])
        weight = torch.tensor([1.0, 2.0, 0.5])
        found = [
            nn.CrossEntropyLoss()(x, classes),
            nn.CrossEntropyLoss(weight=weight, label_smoothing=0.2)(x, classes),
            nn.NLLLoss(weight=weight, ignore_index=1)(x.log_softmax(1), classes[:4].repeat(2)[:5]),
            nn.BCELoss()(x.sigmoid(), torch.rand(5, 3)),
            nn.TripletMarginLoss()(x, x * 2, x * 3),
            nn.MarginRankingLoss(margin=0.1)(x[0], x[1], torch.ones(3)),
            nn.GaussianNLLLoss()(x, torch.zeros(5, 3), torch.ones(5, 3)),
        ]
        print(nn.CrossEntropyLoss(weight=weight), nn.CrossEntropyLoss(weight=weight).state_dict())
        sum(found).backward()
        return [found, x.grad]

    agree(program, rtol=2e-6, atol=1e-6)


def test_a_module_of_ones_own() -> None:
    def program(torch: Any) -> Any:
        nn = torch.nn

        class Net(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.scale = nn.Parameter(torch.ones(2))
                self.layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(3)])
                self.heads = nn.ModuleDict({"a": nn.Linear(2, 1), "b": nn.Linear(2, 1)})
                self.act = nn.ReLU()
                self.offset = None
                self.register_buffer("mean", torch.zeros(2))
                self.register_buffer("cache", torch.ones(1), persistent=False)
                self.register_parameter("missing", None)

            def forward(self, x: Any, head: str = "a") -> Any:
                for layer in self.layers:
                    x = self.act(layer(x))
                return self.heads[head](x * self.scale - self.mean)

            def extra_repr(self) -> str:
                return "of my own"

        net = Net()
        print(net)
        print([n for n, _ in net.named_parameters()], [n for n, _ in net.named_buffers()])
        print([n for n, _ in net.named_modules()], [n for n, _ in net.named_children()])
        print(list(net.state_dict()), net.missing, net.offset, net.training)
        net.eval()
        print(net.training, net.act.training, net.train() is net)
        out = net(torch.ones(3, 2), head="b")
        out.sum().backward()
        print([p.grad is None for p in net.parameters()])
        net.zero_grad()
        print([p.grad for p in net.parameters()][:2])
        net.requires_grad_(False)
        print(net(torch.ones(1, 2)).requires_grad, net.get_parameter("heads.a.bias").shape)
        net.mean = torch.full((2,), 3.0)
        net.scale = nn.Parameter(torch.zeros(2))
        del net.act
        print(net.mean, [n for n, _ in net.named_parameters()][:2], hasattr(net, "act"))
        print(net.apply(lambda m: m.half() if isinstance(m, nn.Linear) else None) is net)
        print(net.layers[0].weight.dtype, net.to(torch.float64).scale.dtype, net.mean.dtype)
        print(isinstance(net.layers[0].weight, nn.Parameter), type(net.layers[0]))
        return out

    agree(program, rtol=1e-6, atol=1e-7)


def test_parameters_share_storage_and_version() -> None:
    def program(torch: Any) -> None:
        x = torch.zeros(2)
        p = torch.nn.Parameter(x)
        x.add_(1)
        print(p, p._version, x._version, p.is_leaf, p.requires_grad, p.data, p.detach())
        print(torch.nn.Parameter(), torch.nn.Parameter(x, requires_grad=False))
        print(type(p * 2), repr(p * 2), f"{torch.nn.Parameter(torch.tensor(1.5))}")
        torch.nn.Parameter(torch.tensor([1]))

    agree(program)


def test_containers() -> None:
    def program(torch: Any) -> None:
        nn = torch.nn
        from collections import OrderedDict

        s = nn.Sequential(OrderedDict([("first", nn.Linear(1, 2)), ("act", nn.ReLU())]))
        print(s, s[0], s[-1], s[:1], len(s), s.first, list(s))
        s = nn.Sequential(*s, nn.Tanh())
        s.append(nn.Tanh())
        s.insert(1, nn.Sigmoid())
        print(s, (s + nn.Sequential(nn.ReLU())), nn.Sequential(nn.ReLU()) * 3)
        del s[0]
        print(s, s.pop(0))
        s[0] = nn.ELU()
        print(s)
        m = nn.ModuleList(nn.Linear(2, 2) for _ in range(4))
        m.extend([nn.ReLU(), nn.ReLU()])
        print(m, m[1:3], m[-1], len(m), nn.ModuleList())
        m.insert(0, nn.Tanh())
        print(m, m + nn.ModuleList([nn.ReLU()]))
        d = nn.ModuleDict([("x", nn.ReLU()), ("y", nn.Tanh())])
        d["z"] = nn.ELU()
        print(d, list(d), "x" in d, len(d), list(d.keys()), d.pop("x"))
        p = nn.ParameterList([nn.Parameter(torch.ones(2)), torch.zeros(1), 5])
        print(p, len(p), list(p.parameters()), p[-1])
        q = nn.ParameterDict({"b": torch.ones(2), "a": nn.Parameter(torch.zeros(1))})
        print(q, list(q), list(q.parameters()))

    agree(program)


def test_hooks_of_modules() -> None:
    def program(torch: Any) -> None:
        nn = torch.nn
        net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
        handles = [
            net[0].register_forward_pre_hook(lambda m, args: print("pre", m, args[0].shape)),
            net[0].register_forward_hook(lambda m, args, out: print("post", out.shape)),
            net[1].register_forward_hook(lambda m, args, out: out * 2),
            net[2].register_forward_pre_hook(
                lambda m, args, kw: ((args[0] + 1,), kw), with_kwargs=True
            ),
            net[2].register_full_backward_pre_hook(lambda m, out: print("back", out)),
            net[2].register_full_backward_hook(
                lambda m, into, out: print("through", [g.shape for g in into], out)
            ),
            net[0].register_full_backward_hook(lambda m, into, out: print("first", into, out)),
        ]
        y = net(torch.ones(1, 2))
        print(type(y.grad_fn).__name__)
        y.sum().backward()
        print(net[0].weight.grad)
        for handle in handles:
            handle.remove()
        x = torch.ones(1, 2, requires_grad=True)
        net[1].register_full_backward_hook(lambda m, into, out: (into[0] * 10,))
        net(x).sum().backward()
        print(x.grad)
        net[0].register_full_backward_hook(print)
        net[0].register_backward_hook(print)

    agree(program)


def test_state_dicts() -> None:
    def program(torch: Any) -> None:
        nn = torch.nn
        net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
        other = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
        state = net.state_dict()
        print(state)
        print(other.load_state_dict(state), torch.equal(net[0].weight, other[0].weight))
        print(state["0.weight"].requires_grad, net.state_dict(keep_vars=True)["0.bias"])
        del state["0.bias"]
        state["extra"] = torch.ones(1)
        print(other.load_state_dict(state, strict=False))
        wrong = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
        for target, given in ((other, state), (wrong, net.state_dict()), (net, [1])):
            try:
                target.load_state_dict(given)
            except (RuntimeError, TypeError) as error:
                print(type(error).__name__, error)

    agree(program)


REFUSED = {
    "attribute": lambda t, nn: nn.Linear(1, 1).wieght,
    "tensor for parameter": lambda t, nn: setattr(nn.Linear(1, 1), "weight", t.ones(1, 1)),
    "number for module": lambda t, nn: setattr(nn.Sequential(nn.ReLU()), "0", 3),
    "before init": lambda t, nn: type("M", (nn.Module,), {"__init__": _assigns(t, nn)})(),
    "no forward": lambda t, nn: nn.Module()(t.ones(1)),
    "module name": lambda t, nn: nn.Module().add_module("a.b", nn.ReLU()),
    "not a module": lambda t, nn: nn.Sequential(nn.ReLU(), 3),
    "buffer": lambda t, nn: nn.Module().register_buffer("b", 3),
    "parameter": lambda t, nn: nn.Module().register_parameter("b", t.ones(1)),
    "non-leaf": lambda t, nn: nn.Module().register_parameter("b", _non_leaf(t, nn)),
    "taken": lambda t, nn: nn.Linear(1, 1).register_buffer("forward", None),
    "argument": lambda t, nn: nn.Module(3),
    "keyword": lambda t, nn: nn.Module(a=3),
    "index": lambda t, nn: nn.Sequential(nn.ReLU())[3],
    "list index": lambda t, nn: nn.ModuleList([nn.ReLU()])[1],
    "train": lambda t, nn: nn.ReLU().train(3),
    "shape": lambda t, nn: nn.Linear(2, 3)(t.ones(1, 3)),
    "dtype": lambda t, nn: nn.Linear(2, 3)(t.ones(1, 2, dtype=t.float64)),
    "int": lambda t, nn: nn.Linear(2, 3)(t.ones(1, 2, dtype=t.int64)),
    "to int": lambda t, nn: nn.Linear(2, 3).to(t.int64),
    "submodule": lambda t, nn: nn.Sequential(nn.ReLU()).get_submodule("0.x"),
    "batch of one": lambda t, nn: nn.BatchNorm1d(2)(t.ones(1, 2)),
    "batch dims": lambda t, nn: nn.BatchNorm1d(2)(t.ones(2)),
    "dropout": lambda t, nn: nn.Dropout(2),
    "groups": lambda t, nn: nn.GroupNorm(2, 3),
    "class": lambda t, nn: nn.NoSuchLayer(3),
    "list call": lambda t, nn: nn.ModuleList()(3),
    "parameters call": lambda t, nn: nn.ParameterList()(3),
    "fan": lambda t, nn: nn.init.xavier_uniform_(t.ones(3)),
    "gain": lambda t, nn: nn.init.calculate_gain("swish"),
    "huber": lambda t, nn: nn.HuberLoss(delta="a"),
    "unflatten": lambda t, nn: nn.Unflatten(1, 2),
    "channels": lambda t, nn: nn.Conv2d(1, 2, 3)(t.ones(1, 2, 5, 5)),
    "too small": lambda t, nn: nn.Conv2d(1, 2, 3)(t.ones(1, 1, 2, 2)),
    "image dims": lambda t, nn: nn.Conv2d(1, 2, 3)(t.ones(2, 2)),
    "conv groups": lambda t, nn: nn.Conv2d(3, 2, 3, groups=2),
    "sequence": lambda t, nn: nn.LSTM(3, 4)(t.ones(2, 2, 2)),
    "sequence dims": lambda t, nn: nn.GRU(3, 4)(t.ones(3)),
    "cell": lambda t, nn: nn.GRUCell(3, 4)(t.ones(1, 1, 3)),
}


def _assigns(torch: Any, nn: Any) -> Any:
    def __init__(self: Any) -> None:
        self.weight = nn.Parameter(torch.ones(1))

    return __init__


def _non_leaf(torch: Any, nn: Any) -> Any:
    p = nn.Parameter(torch.ones(1))
    q = torch.ones(1, requires_grad=True) * 2
    p.data = q.data
    return p.mul_(1) if False else q


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_torchs(name: str) -> None:
    agree(lambda torch: REFUSED[name](torch, torch.nn) and None)


def test_utils() -> None:
    def program(torch: Any) -> Any:
        nn = torch.nn
        net = nn.Linear(3, 2)
        net(torch.ones(1, 3) * 5).sum().backward()
        grad = net.weight.grad
        norm = nn.utils.clip_grad_norm_(net.parameters(), 1.5)
        found = [norm, grad.clone()]
        print(grad is net.weight.grad)
        nn.utils.clip_grad_value_(net.parameters(), 0.2)
        found += [grad.clone(), net.bias.grad]
        vector = nn.utils.parameters_to_vector(net.parameters())
        nn.utils.vector_to_parameters(vector * 0 + 1, net.parameters())
        print(net.weight, net.bias, vector.shape, nn.utils.clip_grad_norm_([], 1.0))
        return found

    agree(program, rtol=1e-6)


def test_copies_of_modules() -> None:
    def program(torch: Any) -> Any:
        import copy

        net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU())
        net[0].weight.grad = torch.ones(2, 2)
        twin = copy.deepcopy(net)
        with torch.no_grad():
            twin[0].weight.zero_()
        print(net[0].weight is twin[0].weight, twin[0].weight, twin[0].weight.grad, twin)
        return net[0].weight

    agree(program)
