"""Statements of random programs as learners write them: training loops, modules with hooks, functions
of their own, functional transforms, views changed in place, modes, passes through passes, and their
prints.

Places `<act>`, `<opt>`, … are filled from `CHOICES`, whose entries may have places themselves.
"""

from __future__ import annotations

Lines = tuple[str, ...]

CHOICES: dict[str, Lines] = {
    "act": (
        "ReLU() Tanh() Sigmoid() GELU() SiLU() ELU() Softplus() LeakyReLU(0.1) Identity() Mish()"
        " Softmax(dim=-1) LogSoftmax(dim=-1) Hardtanh() ReLU6() SELU() Hardswish() Softsign() PReLU()"
        " Dropout(0.5) LayerNorm(4) GELU(approximate='tanh') CELU() Tanhshrink() BatchNorm1d(4)"
    ).split(),
    "optim": (
        "SGD(net.parameters(), lr=0.1)",
        "SGD(net.parameters(), lr=0.1, momentum=0.9)",
        "SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01)",
        "SGD([{'params': net[0].parameters(), 'lr': 0.5}, {'params': net[2].parameters()}], lr=0.1)",
        "SGD(net.parameters(), lr=0.1, maximize=True, momentum=0.5, dampening=0.2)",
        "Adam(net.parameters(), lr=0.1)",
        "Adam(net.parameters(), lr=0.1, amsgrad=True, weight_decay=0.1)",
        "AdamW(net.parameters(), lr=0.1)",
        "RMSprop(net.parameters(), lr=0.1, momentum=0.5, centered=True)",
        "Adagrad(net.parameters(), lr=0.1, lr_decay=0.1)",
        "Adadelta(net.parameters())",
        "Adamax(net.parameters(), lr=0.1)",
        "NAdam(net.parameters(), lr=0.1)",
        "RAdam(net.parameters(), lr=0.1)",
        "ASGD(net.parameters(), lr=0.1)",
        "Rprop(net.parameters(), lr=0.1)",
    ),
    "sched": (
        "StepLR(opt, step_size=2, gamma=0.5)",
        "MultiStepLR(opt, [1, 3], gamma=0.1)",
        "ExponentialLR(opt, 0.9)",
        "CosineAnnealingLR(opt, T_max=3)",
        "LambdaLR(opt, lambda epoch: 0.5 ** epoch)",
        "LinearLR(opt, total_iters=2)",
        "ConstantLR(opt, factor=0.5, total_iters=2)",
        "PolynomialLR(opt, total_iters=3, power=2.0)",
        "CosineAnnealingWarmRestarts(opt, T_0=2)",
        "MultiplicativeLR(opt, lambda epoch: 0.5)",
        "OneCycleLR(opt, max_lr=0.5, total_steps=10)",
        "CyclicLR(opt, base_lr=0.01, max_lr=0.1, step_size_up=2, cycle_momentum=False)",
        "SequentialLR(opt, [torch.optim.lr_scheduler.ConstantLR(opt), "
        "torch.optim.lr_scheduler.ExponentialLR(opt, 0.5)], milestones=[2])",
        "ChainedScheduler([torch.optim.lr_scheduler.ConstantLR(opt), "
        "torch.optim.lr_scheduler.ExponentialLR(opt, 0.5)])",
    ),
    "crit": (
        "MSELoss() L1Loss() SmoothL1Loss() HuberLoss() MSELoss(reduction='sum') BCEWithLogitsLoss()"
        " SoftMarginLoss() PoissonNLLLoss() SmoothL1Loss(beta=0.5)"
    ).split(),
    "clip": (
        "pass",
        "print(torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5))",
        "torch.nn.utils.clip_grad_value_(net.parameters(), 0.1)",
        "for p in net.parameters():\n        p.grad.mul_(0.5)",
        "print([p.grad.norm() for p in net.parameters()])",
        "print(sum(p.grad.abs().sum() for p in net.parameters() if p.grad is not None))",
    ),
    "init": (
        "xavier_uniform_(net[0].weight)",
        "kaiming_normal_(net[2].weight, nonlinearity='relu')",
        "zeros_(net[0].bias)",
        "normal_(net[2].weight, std=0.1)",
        "orthogonal_(net[0].weight)",
        "constant_(net[2].bias, 0.3)",
        "uniform_(net[0].weight, -0.5, 0.5)",
        "trunc_normal_(net[2].weight, std=0.5)",
    ),
    "curve": (
        "(a*a).sum() a.sin().sum() (a**3).mean() a.exp().prod() a.norm() a.tanh().pow(2).sum()"
        " (a*a.detach()).sum() a.max() a.softmax(-1)[...,0].sum() (a*a.mean()).sum() a.logsumexp(-1).sum()"
        " a.sigmoid().log().sum() (a/(1+a*a)).sum() a.cumsum(-1).pow(2).sum() a.var()"
        " F.gelu(a).sum() F.softplus(a).sum() a.clamp(-1,1).pow(2).sum() a.sort(-1)[0].cumprod(-1).sum()"
        " torch.where(a>0,a*a,a).sum() a.flatten()[:2].prod() a.std() F.relu(a).square().sum()"
        " (a@a.mT).sum() F.layer_norm(a,a.shape[-1:]).pow(3).sum() a.log1p().sum() F.silu(a).mean()"
    ).split(),
    "map": (
        "a*a a.sin() a.exp()*2 a.tanh() a.cumsum(-1) a.flip(-1)*a a.softmax(-1) a.sum(-1) a*a.sum()"
        " a.relu() torch.stack([a,a*2]) a.reshape(-1)[:2]**2 a.sigmoid() a/a.norm() a-a.mean() a.t()@a"
        " a**3 torch.cat([a,a*a]) a.mT*2 a.detach()*a torch.outer(a.flatten(),a.flatten())"
    ).split(),
    "change": (
        "mul_(2) add_(1) zero_() sin_() exp_() pow_(2) neg_() div_(3) clamp_(0,1) relu_() tanh_()"
        " sigmoid_() fill_(2) sub_(b) mul_(b) copy_(b) addcmul_(b,b) lerp_(b,0.5) masked_fill_(b>0,0.)"
        " index_fill_(0,torch.tensor([0]),1.) square_() abs_() sqrt_()"
    ).split(),
    "part": (
        "c[0] c[:1] c[...,1:] c.view(-1) c.view(-1)[1:] c.t() c.T[0] c[None] c.flatten() c.unsqueeze(0)"
        " c.diagonal() c.reshape(-1) c.narrow(0,0,1) c.select(0,1) c.transpose(0,1)[1] c.squeeze()"
        " c.expand(2,2,3)[0] c.detach() c.data c.unbind(0)[0] c.chunk(2)[1] c.view(3,2) c[[0]] c[:,::2]"
        " c.permute(1,0) c.as_strided((2,),(1,)) c.contiguous() c.unfold(1,2,1) c.split(1)[0] c.view_as(c)"
    ).split(),
    "mode": (
        "torch.no_grad() torch.enable_grad() torch.inference_mode() torch.set_grad_enabled(False)"
        " torch.set_grad_enabled(True) torch.inference_mode(False)"
        " torch.autograd.set_detect_anomaly(True) torch.autograd.graph.save_on_cpu()"
    ).split(),
    "transform": (
        "grad(lambda a: <curve>)(<e>)",
        "grad_and_value(lambda a: <curve>)(<e>)",
        "grad(lambda a, b: (a * b).sum(), argnums=(0, 1))(<e>, <e2>)",
        "grad(lambda a: (<curve>, a * 2), has_aux=True)(<e>)",
        "jacrev(lambda a: <map>)(<e>)",
        "jacfwd(lambda a: <map>)(<e>)",
        "hessian(lambda a: <curve>)(<e>)",
        "vjp(lambda a: <curve>, <e>)[1](torch.tensor(2.))",
        "vjp(lambda a: <map>, <e>)[0]",
        "jvp(lambda a: <map>, (<e>,), (torch.ones_like(<e>),))",
        "grad(torch.func.grad(lambda a: <curve>))(torch.tensor(0.5))",
        "grad(lambda a: torch.func.grad(lambda b: (b ** 3 * a).sum())(a).sum())(<e>)",
        "vmap(lambda a: <map>)(<e>)",
        "vmap(torch.func.grad(lambda a: (a ** 3).sum()))(<e>)",
        "vmap(lambda a, b: a * b, in_dims=(0, None))(<e>, torch.tensor(2.))",
        "jacrev(torch.func.jacfwd(lambda a: (a ** 3)))(torch.tensor([1., 2.]))",
        "linearize(lambda a: <map>, <e>)[0]",
    ),
    "functional": (
        "jacobian(lambda a: <map>, <e>)",
        "jacobian(lambda a: <map>, <e>, create_graph=True)",
        "jacobian(lambda a, b: (a * b, a + b), (<e>, <e2>))",
        "jacobian(lambda a: <map>, <e>, vectorize=True)",
        "jacobian(lambda a: <map>, <e>, vectorize=True, strategy='forward-mode')",
        "jacobian(lambda a: torch.ones(2), <e>)",
        "jacobian(lambda a: torch.ones(2), <e>, strict=True)",
        "hessian(lambda a: <curve>, <e>)",
        "hessian(lambda a, b: (a * b * b).sum(), (<e>, <e2>))",
        "hessian(lambda a: <map>, <e>)",
        "vjp(lambda a: <curve>, <e>)",
        "vjp(lambda a: <map>, <e>, torch.ones(3))",
        "jvp(lambda a: <map>, <e>, torch.ones_like(<e>))",
        "jvp(lambda a: <map>, <e>)",
        "hvp(lambda a: <curve>, <e>, torch.ones_like(<e>))",
        "vhp(lambda a: <curve>, <e>, torch.ones_like(<e>))",
    ),
    "kept": ("a, b a a*b.detach() torch.ones(2) b").split(" "),
    "seen": (
        "<x>.grad <x>.grad_fn <n>.grad_fn.next_functions[0][0] <x>.shape <x>.is_leaf <x>._version"
        " <x>.requires_grad <x>.dtype <x>.retains_grad <x>.grad_fn.name() <x>.T.shape <x>.mean()"
        " <x>.detach() <x>.data <x>[...,-1] <x>.sum(0) <x>.stride() <x>._is_view() <x>._base <x>.nelement()"
        " <x>.is_contiguous() <x>.storage_offset() <x>.numpy() <x>.tolist() <x>.double() <x>.int()"
        " <x>.half() <x>>0 torch.is_grad_enabled() torch.is_inference_mode_enabled() <x>.max() len(<x>)"
        " <x>.std() <x>.argmax() <x>.unique() type(<x>) <x>.requires_grad_ <x>.element_size()"
    )
    .replace("<x>.requires_grad_ ", "")
    .split(),
}
"""What may stand in a place, by its name."""

TRAINING: Lines = (
    "torch.manual_seed(3)\n"
    "net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.<act>, torch.nn.Linear(4, 1))\n"
    "opt = torch.optim.<optim>\n"
    "data, goal = torch.randn(4, 3), torch.randn(4, 1)\n"
    "for epoch in range(3):\n"
    "    opt.zero_grad()\n"
    "    loss = torch.nn.<crit>(net(data), goal)\n"
    "    loss.backward()\n"
    "    <clip>\n"
    "    opt.step()\n"
    "    print(epoch, loss.item(), loss)\n"
    "print(net, opt)\n"
    "for name, p in net.named_parameters():\n"
    "    print(name, p, p.grad)",
    "torch.manual_seed(4)\n"
    "net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.<act>, torch.nn.Linear(4, 2))\n"
    "opt = torch.optim.<optim>\n"
    "sch = torch.optim.lr_scheduler.<sched>\n"
    "for step in range(4):\n"
    "    opt.zero_grad(set_to_none=<bool>)\n"
    "    loss = net(torch.randn(2, 3)).square().sum()\n"
    "    loss.backward()\n"
    "    opt.step()\n"
    "    sch.step()\n"
    "    print(sch.get_last_lr(), [g['lr'] for g in opt.param_groups], sch.last_epoch)\n"
    "print({k: v for k, v in sch.state_dict().items() if isinstance(v, (int, float, list))})\n"
    "print(net.state_dict())",
    "torch.manual_seed(5)\n"
    "net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.<act>, torch.nn.Linear(4, 2))\n"
    "torch.nn.init.<init>\n"
    "opt = torch.optim.<optim>\n"
    "for _ in range(2):\n"
    "    opt.zero_grad()\n"
    "    F.cross_entropy(net(torch.randn(5, 3)), torch.tensor([0, 1, 1, 0, 1])).backward()\n"
    "    opt.step()\n"
    "state, kept = opt.state_dict(), net.state_dict()\n"
    "print(state['param_groups'], sorted(state['state'].get(0, {})), list(kept))\n"
    "twin = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.<act>, torch.nn.Linear(4, 2))\n"
    "print(twin.load_state_dict(kept, strict=<bool>))\n"
    "net = twin\n"
    "other = torch.optim.<optim>\n"
    "other.load_state_dict(state)\n"
    "twin(torch.ones(2, 3)).sum().backward()\n"
    "other.step()\n"
    "print(other, twin[0].weight, twin.training)",
    "torch.manual_seed(6)\n"
    "w = torch.randn(3, requires_grad=True)\n"
    "b = torch.zeros(1, requires_grad=True)\n"
    "for epoch in range(3):\n"
    "    guess = torch.ones(2, 3) @ w + b\n"
    "    loss = torch.nn.<crit>(guess, torch.tensor([1., 2.]))\n"
    "    loss.backward()\n"
    "    with torch.no_grad():\n"
    "        w -= 0.1 * w.grad\n"
    "        b -= 0.1 * b.grad\n"
    "    print(epoch, loss, w.grad, b.grad, w._version)\n"
    "    w.grad = None\n"
    "    b.grad.zero_()",
    "torch.manual_seed(7)\n"
    "net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.<act>, torch.nn.Linear(4, 1))\n"
    "opt = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=3)\n"
    "def closure():\n"
    "    opt.zero_grad()\n"
    "    loss = net(torch.ones(2, 3)).pow(2).sum()\n"
    "    loss.backward()\n"
    "    return loss\n"
    "print(opt.step(closure))",
)

MODULES: Lines = (
    "class Net(torch.nn.Module):\n"
    "    def __init__(self):\n"
    "        super().__init__()\n"
    "        self.first = torch.nn.Linear(3, 4)\n"
    "        self.act = torch.nn.<act>\n"
    "        self.scale = torch.nn.Parameter(torch.ones(4))\n"
    "        self.register_buffer('seen', torch.zeros(1))\n"
    "    def forward(self, x):\n"
    "        self.seen += 1\n"
    "        return self.act(self.first(x)) * self.scale\n"
    "torch.manual_seed(1)\n"
    "net = Net()\n"
    "print(net, list(net.state_dict()), net.seen)\n"
    "h = net.first.register_forward_hook(lambda m, i, o: print('fw', o.shape))\n"
    "net.act.register_full_backward_hook(lambda m, i, o: print('bw', [g.shape for g in i], o))\n"
    "net.register_forward_pre_hook(lambda m, args: print('pre', args[0].shape))\n"
    "net.scale.register_hook(lambda g: print('scale', g))\n"
    "out = net(torch.randn(2, 3))\n"
    "out.sum().backward()\n"
    "h.remove()\n"
    "net.eval()\n"
    "net(torch.randn(2, 3)).mean().backward()\n"
    "print(net.seen, net.scale.grad, [n for n, _ in net.named_modules()], sum(p.numel() for p in net.parameters()))",  # noqa: E501
    "torch.manual_seed(2)\n"
    "net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.<act>, torch.nn.Linear(4, 2))\n"
    "seen = []\n"
    "for m in net:\n"
    "    m.register_forward_hook(lambda m, i, o: seen.append((type(m).__name__, o.grad_fn and o.grad_fn.name())))\n"  # noqa: E501
    "    m.register_full_backward_pre_hook(lambda m, g: print('before', type(m).__name__, g))\n"
    "x = torch.randn(2, 3, requires_grad=<bool>)\n"
    "net(x).sum().backward()\n"
    "print(seen, x.grad, [p.grad for p in net.parameters()])",
    "torch.manual_seed(2)\n"
    "net = torch.nn.Linear(3, 2)\n"
    "net.requires_grad_(<bool>)\n"
    "net.weight.requires_grad_(<bool2>)\n"
    "y = net(<f>)\n"
    "print(y, y.requires_grad, y.grad_fn and y.grad_fn.next_functions)\n"
    "y.sum().backward()\n"
    "print(net.weight.grad, net.bias.grad)\n"
    "net.zero_grad(set_to_none=<bool3>)\n"
    "print(net.weight.grad)",
    "torch.manual_seed(2)\n"
    "net = torch.nn.ModuleDict({'a': torch.nn.Linear(3, 3), 'b': torch.nn.<act>})\n"
    "net['c'] = torch.nn.ModuleList([torch.nn.Linear(3, 1), torch.nn.Flatten()])\n"
    "print(net, list(net.keys()), dict(net.named_parameters()).keys(), len(net['c']))\n"
    "<v> = net['c'][0](net['a'](torch.ones(2, 3)))\n"
    "<v>.pow(2).sum().backward()\n"
    "print(net.double()['a'].weight.dtype, net['a'].weight.grad)",
    "from_ids = torch.nn.Embedding(5, 3, padding_idx=0)\n"
    "net = torch.nn.Sequential(from_ids, torch.nn.Flatten(), torch.nn.<act>)\n"
    "x = net(torch.tensor([[1, 2], [0, 1]]))\n"
    "x.sum().backward()\n"
    "print(net[0].weight.grad, x)",
)

FUNCTIONS: Lines = (
    "class Both(torch.autograd.Function):\n"
    "    @staticmethod\n"
    "    def forward(ctx, a, b):\n"
    "        ctx.save_for_backward(<kept>)\n"
    "        ctx.set_materialize_grads(<bool>)\n"
    "        return a * b, a + b\n"
    "    @staticmethod\n"
    "    def backward(ctx, g, h):\n"
    "        print(ctx.needs_input_grad, g, h, [t.shape for t in ctx.saved_tensors])\n"
    "        total = sum(t for t in (g, h) if t is not None)\n"
    "        return total, total * 2\n"
    "p, q = Both.apply(<f>, <y>)\n"
    "print(p.grad_fn, q.grad_fn, p.output_nr, q.output_nr)\n"
    "(p * 2).sum().backward(<pass>)\n"
    "<v> = q",
    "class Cube(torch.autograd.Function):\n"
    "    @staticmethod\n"
    "    def forward(ctx, x):\n"
    "        ctx.save_for_backward(x)\n"
    "        return x ** 3\n"
    "    @staticmethod\n"
    "    def backward(ctx, g):\n"
    "        x, = ctx.saved_tensors\n"
    "        return g * 3 * x ** 2\n"
    "    @staticmethod\n"
    "    def jvp(ctx, t):\n"
    "        return t\n"
    "<v> = Cube.apply(<f>)\n"
    "g, = torch.autograd.grad(<v>.sum(), <r>, create_graph=True, allow_unused=True)\n"
    "print(g, g is not None and g.grad_fn)\n"
    "if g is not None:\n"
    "    g.sum().backward()",
    "class Clip(torch.autograd.Function):\n"
    "    @staticmethod\n"
    "    def forward(ctx, x, low, high):\n"
    "        ctx.bounds = low, high\n"
    "        mask = (x >= low) & (x <= high)\n"
    "        ctx.save_for_backward(mask)\n"
    "        ctx.mark_non_differentiable(mask)\n"
    "        return x.clamp(low, high), mask\n"
    "    @staticmethod\n"
    "    def backward(ctx, g, _):\n"
    "        mask, = ctx.saved_tensors\n"
    "        return g * mask, None, None\n"
    "<v>, mask = Clip.apply(<f>, -1., 1.)\n"
    "print(<v>, mask, mask.requires_grad)\n"
    "<v>.sum().backward()",
    "class Wrong(torch.autograd.Function):\n"
    "    @staticmethod\n"
    "    def forward(ctx, a):\n"
    "        return a.clone()\n"
    "    @staticmethod\n"
    "    def backward(ctx, g):\n"
    "        return <wrong>\n"
    "Wrong.apply(<r>).sum().backward()",
    "class View(torch.autograd.Function):\n"
    "    @staticmethod\n"
    "    def forward(ctx, c):\n"
    "        return <part>\n"
    "    @staticmethod\n"
    "    def backward(ctx, g):\n"
    "        return torch.ones(2, 3) * g.sum()\n"
    "c = View.apply(torch.ones(2, 3, requires_grad=True) * 2)\n"
    "print(c, c._is_view())\n"
    "c.mul_(2)\n"
    "c.sum().backward()",
)
CHOICES["wrong"] = tuple(
    "g,g None (g,None) g.sum() g.double() 3 g[...,None] torch.ones(7) (g,g) g*float('nan') ()".split()
)

TRANSFORMS: Lines = (
    "print(torch.func.<transform>)",
    "<v> = torch.func.<transform>",
    "print(torch.autograd.functional.<functional>)",
    "x = <e>.clone().requires_grad_()\ng = torch.func.grad(lambda a: <curve>)(x)\nprint(g, g.grad_fn)\n"
    "g.sum().backward()\nprint(x.grad)\ndel g",
    "x = <e>.clone().requires_grad_()\nprint(torch.autograd.gradcheck(lambda a: <map>, (x.double().detach().requires_grad_(),), raise_exception=False))",  # noqa: E501
    "net = torch.nn.Linear(3, 2)\nparams = dict(net.named_parameters())\n"
    "def f(p, x):\n    return torch.func.functional_call(net, p, (x,)).pow(2).sum()\n"
    "print({k: v.shape for k, v in torch.func.grad(f)(params, torch.ones(2, 3)).items()})",
    "with torch.autograd.forward_ad.dual_level():\n"
    "    a = torch.autograd.forward_ad.make_dual(<e>, torch.ones_like(<e>))\n"
    "    print(torch.autograd.forward_ad.unpack_dual(<map>))",
)

IN_PLACE: Lines = (
    "a = torch.randn(2, 3, requires_grad=True)\nb = torch.ones(3, requires_grad=<bool>)\n"
    "c = a * 2\nd = <part>\nd.<change>\nprint(c, d, c._version, d._version)\nc.sum().backward()\n"
    "print(a.grad, b.grad)",
    "a = torch.randn(2, 3, requires_grad=True)\nb = torch.full((2, 3), 0.5)\n"
    "c = a.exp()\nd = <part>\ne = d * d\nc.<change>\nprint(d, d.grad_fn, e)\ne.sum().backward()\n"
    "print(a.grad)",
    "c = torch.zeros(2, 3)\nb = torch.randn(3, requires_grad=True)\nd = <part>\nd.<change>\n"
    "print(c, c.requires_grad, c.grad_fn, d.grad_fn)\nc.pow(2).sum().backward()\nprint(b.grad)",
    "c = torch.randn(2, 3, requires_grad=True)\nb = torch.ones(3)\n"
    "with <mode>:\n    d = <part>\n    d.<change>\nprint(c, d, d.requires_grad, c._version)\n"
    "c.sum().backward()\nprint(c.grad)",
    "a = torch.randn(2, 3, requires_grad=True)\nb = torch.ones(3)\nc = a + 1\nwith <mode>:\n"
    "    d = <part>\nd.<change>\nprint(d, c)\nc.sum().backward()",
    "x = torch.randn(3, requires_grad=True)\ny = x * 2\nwith <mode>:\n    z = y * x\n"
    "w = z + y.detach()\nprint(z.requires_grad, w.requires_grad, z.is_inference(), w)\n"
    "(w * y).sum().backward()\nprint(x.grad)",
    "c = torch.ones(2, 3, requires_grad=True) * 1\nd = <part>\nc.register_hook(lambda g: print('c', g))\n"
    "c.retain_grad()\nb = torch.ones(3)\nd.<change>\nc.sum().backward()\nprint(c.grad)",
    "a = torch.ones(2, 3, requires_grad=True)\nb = torch.full((2, 3), 2.)\nc = a * 3\n"
    "e = c.sigmoid()\nwith torch.no_grad():\n    e.<change>\nprint(e, e._version)\n"
    "e.sum().backward()",
)

DOUBLE: Lines = (
    "x = <e>.clone().requires_grad_()\na = x * 1\ny = <curve>\n"
    "g, = torch.autograd.grad(y, x, create_graph=True)\nprint(g)\n"
    "h, = torch.autograd.grad(g.sum(), x, create_graph=True, allow_unused=True)\nprint(h)\n"
    "if h is not None and h.requires_grad:\n"
    "    k, = torch.autograd.grad(h.sum(), x, allow_unused=True)\n    print(k)",
    "x = <e>.clone().requires_grad_()\na = x\ny = <curve>\ny.backward(create_graph=True)\nprint(x.grad)\n"
    "(x.grad ** 2).sum().backward()\nprint(x.grad)",
    "x = <e>.clone().requires_grad_()\na = x\ny = (<curve>) + (<curve2>)\n"
    "y.backward(retain_graph=True)\ny.backward()\nprint(x.grad)\ny.backward()",
    "x = <e>.clone().requires_grad_()\na = x * 1\na.retain_grad()\ny = <map>\n"
    "y.backward(torch.ones_like(y), inputs=[a])\nprint(a.grad, x.grad)",
    "x = <e>.clone().requires_grad_()\na = x * 2\ny = <map>\nwatched(y.sum()).backward()\n"
    "print(x.grad)",
    "x = <e>.clone().requires_grad_()\na = x * 2\nb = a.detach()\nc = (a * b).sum() + (<curve>)\n"
    "watched(c).backward(retain_graph=True)\nprint(x.grad, b.requires_grad)\n"
    "print(torch.autograd.grad(c, [x, a], retain_graph=True))",
    "a = <e>.clone().requires_grad_()\ny = <map>\nwatched(y.sum())\n"
    "print(torch.autograd.grad(y.sum(), a, is_grads_batched=False, create_graph=True))",
    "a = <e>.clone().requires_grad_()\ny = <map>\nfor n in walk(y.grad_fn):\n"
    "    n.register_prehook(lambda g, n=n.name(): print('pre', n, g))\n"
    "    n.register_hook(lambda i, o, n=n.name(): print('post', n, i))\n"
    "y.sum().backward()",
    "a = <e>.clone().requires_grad_()\nwith torch.autograd.graph.saved_tensors_hooks(lambda t: t * 2, lambda t: t):\n"  # noqa: E501
    "    y = <map>\ny.sum().backward()\nprint(a.grad)",
    "a = <e>.clone().requires_grad_()\ny = torch.utils.checkpoint.checkpoint(lambda a: <map>, a, use_reentrant=False)\n"  # noqa: E501
    "y.sum().backward()\nprint(a.grad)",
)

PRINTS: Lines = (
    "print(<seen>, <seen2>)",
    "print(<seen>)",
    "print(f'{<seen>} | {<o>:.4f}', str(<seen2>), repr(<x>))",
    "for n in walk(<n>.grad_fn):\n    print(n.name(), len(n.next_functions), [s for s in dir(n) if s.startswith('_saved')])",  # noqa: E501
    "print([(s, getattr(<n>.grad_fn, s)) for s in dir(<n>.grad_fn) if s.startswith('_saved')])",
    "print(<n>.grad_fn.metadata, <n>.grad_fn.next_functions)",
    "print(torch.stack([<o>, <o>]), [<x>, <y>], {'k': <x>})",
    "torch.set_printoptions(precision=2, sci_mode=<bool>)\nprint(<x>)\n"
    "torch.set_printoptions(profile='default', sci_mode=None)",
    "torch.set_printoptions(threshold=4, edgeitems=1, linewidth=40)\nprint(<x>)\n"
    "torch.set_printoptions(profile='default', sci_mode=None)",
    "print(torch.randn(3, 4) * 10 ** <num>)",
    "print(<x>.to(<dtype>))",
)

SCRIPTS: tuple[tuple[str, Lines], ...] = (
    ("training", TRAINING),
    ("modules", MODULES),
    ("functions", FUNCTIONS),
    ("transforms", TRANSFORMS),
    ("in place", IN_PLACE),
    ("in place", IN_PLACE),
    ("double", DOUBLE),
    ("prints", PRINTS),
)
