"""The statements of random programs: templates by kind, with places `<x>` that `programs` fills.

A tensor's place is one letter: `<x>` any, `<f>` of floats, `<i>` of integers, `<m>` a matrix, `<r>`
one that requires grad, `<n>` a result that does, `<l>` a leaf that does, `<o>` of one element, `<w>`
of floats without grad, `<e>` those with entries; `<y>`, `<z>`, `<q>` fit the first of these: to
be broadcast with it, of its shape, to be multiplied by. `<v>` is a new name.
"""

from __future__ import annotations

from program_scripts import SCRIPTS
from program_uses import BACKWARD, FLOW, FUNCTIONAL, HOOK, NETWORKS, SHOW

Lines = tuple[str, ...]

NUMBERS = ["2", "3", "-1", "0.5", "-2.5", "1", "0", "1.5", "10", "True", "-0.0"]

SHAPES = ["()", "(3,)", "(2, 3)", "(3, 2)", "(1,)", "(1, 3)", "(2, 1)", "(2, 2, 3)", "(4,)"]
SHAPES += ["(3, 3)", "(0,)", "(5, 2)", "(2, 0)", "(1, 1)", "(2, 3, 2)"]

INDICES = ["<at>", "<at>:", ":<at>", "::2", "...", "None", "..., <at>", ":, <at>", "[0, 0]", "[0]"]
INDICES += ["[<at>]", "torch.tensor([0, -1])", "<x> > 0", ":, [0]", "None, <at>", "-1, None"]
INDICES += ["torch.tensor([[0, 0], [0, 0]])", "torch.tensor(0)", "[0, 0], [0, 0]", "True", "False"]
INDICES += ["<at>, ..., None", ":, None", "1:, ::2", "[True]", "()", "[0, 0], :", "..., [0]"]
INDICES += ["<i> % 2", "<at>, <at2>", "..., ::2", "[[0]], 0", "0:0", "torch.tensor(True)"]

VIEWS = [
    "<x>.view(-1)",
    "<x>.reshape(-1)",
    "<x>.flatten()",
    "<x>.t()",
    "<x>.transpose(<dim>, <dim2>)",
    "<x>.permute(<order>)",
    "<x>.unsqueeze(<dim>)",
    "<x>.squeeze()",
    "<x>.squeeze(<dim>)",
    "<x>[<index>]",
    "<x>[<index>]",
    "<x>[<at>:]",
    "<x>[..., <at>]",
    "<x>[::2]",
    "<x>[None]",
    "<x>.detach()",
    "<x>.narrow(<dim>, 0, 1)",
    "<x>.select(<dim>, 0)",
    "<x>.expand(<wide>)",
    "<x>.unbind(-1)[0]",
    "<x>.split(1, <dim>)[0]",
    "<x>.chunk(2, <dim>)[-1]",
    "<x>.tensor_split(2, <dim>)[0]",
    "<x>.diagonal()",
    "<x>.view(<divided>)",
    "<x>.reshape(<divided>)",
    "<x>[...]",
    "<x>.T",
    "<x>.mT",
    "<x>[None].unflatten(<dim>, (1, -1))",
    "<x>.movedim(0, -1)",
    "<x>.view_as(<x>)",
    "<x>.broadcast_to(<wide>)",
    "<x>.unfold(<dim>, 1, 1)",
    "<x>.as_strided((1,), (1,))",
    "<x>.swapaxes(<dim>, <dim2>)",
    "<x>.contiguous()",
    "<x>.data",
]

CREATION: Lines = (
    "<v> = torch.randn(<shape><kind><grad>)",
    "<v> = torch.randn(<shape><kind><grad>)",
    "<v> = torch.randn(<shape><kind><grad>)",
    "<v> = torch.rand(<shape><kind><grad>)",
    "<v> = torch.ones(<shape><kind><grad>)",
    "<v> = torch.zeros(<shape><kind><grad>)",
    "<v> = torch.full(<shape>, 2.5<kind><grad>)",
    "<v> = torch.full(<shape>, <num>)",
    "<v> = torch.arange(<num>)",
    "<v> = torch.arange(1., 7.<kind><grad>)",
    "<v> = torch.arange(0, 10, 3)",
    "<v> = torch.arange(6<ints>).reshape(2, 3)",
    "<v> = torch.tensor([1., -2., 3.]<kind><grad>)",
    "<v> = torch.tensor([[1., 2.], [3., -4.]]<kind><grad>)",
    "<v> = torch.tensor([[1., 2., 3.], [4., 5., 6.]]<kind><grad>)",
    "<v> = torch.tensor(<num>)",
    "<v> = torch.tensor(<num>, dtype=<dtype>)",
    "<v> = torch.tensor(-1.5<kind><grad>)",
    "<v> = torch.tensor([1, 2, 3]<ints>)",
    "<v> = torch.randint(0, 5, <shape><ints>)",
    "<v> = torch.tensor([True, False, True])",
    "<v> = torch.linspace(-1, 1, 4<kind><grad>)",
    "<v> = torch.eye(3<kind><grad>)",
    "<v> = torch.randperm(4)",
    "<v> = torch.tensor([float('nan'), float('inf'), -1., 0.]<grad>)",
    "<v> = torch.ones(2, 3).t().requires_grad_()",
    "<v> = torch.nn.Parameter(torch.randn(<shape>))",
    "<v> = torch.ones(<shape>, dtype=<dtype>)",
    "<v> = torch.zeros(<shape>, dtype=<dtype>)",
)

# `sgn` is left out: its gradient in torch is a tensor without storage, whose `numpy()` crashes
UNARY: Lines = (
    *(
        f"<v> = <x>.{name}()"
        for name in (
            "neg abs sign floor ceil round relu clone square reciprocal detach contiguous trunc frac isnan"
            " logical_not isfinite positive isinf nan_to_num item"
        ).split()
    ),
    "<v> = -<x>",
    "<v> = abs(<x>)",
    "<v> = ~<x>",
    "<v> = +<x>",
    "<v> = F.relu(<x>)",
)

CURVED: Lines = tuple(
    f"<v> = <x>.{name}"
    for name in (
        "exp() sqrt() log() sin() cos() tanh() sigmoid() log1p() expm1() rsqrt() erf() atan() softmax(-1)"
        " log_softmax(-1) std() var() logsumexp(-1) norm() cumprod(0) exp2() log2() cosh() sinh()"
        " softmax(0) norm(1) norm(<dim>) std(<dim><keep>) var(0,unbiased=False) tan() acos() asin()"
        " logit() erfc() pow(<y>) pow(0.5) pow(1.5) norm(p=2,dim=<dim><keep>) xlogy(<y>)"
        " logaddexp(<y>) float_power(2) log10() atan2(<y>)"
        " cumsum(0).exp() log_softmax(0)"
    ).split()
)

ACTIVATIONS: Lines = tuple(
    f"<v> = F.{name}"
    for name in (
        "elu(<f>) gelu(<f>) silu(<f>) softplus(<f>) leaky_relu(<f>,0.1) hardtanh(<f>) selu(<f>)"
        " mish(<f>) softsign(<f>) logsigmoid(<f>) relu6(<f>) celu(<f>) tanhshrink(<f>) glu(<f>)"
        " hardswish(<f>) hardsigmoid(<f>) softshrink(<f>) hardshrink(<f>) threshold(<f>,0.1,2.)"
        " layer_norm(<f>,<f>.shape[-1:]) dropout(<f>,0.5) dropout(<f>,0.3)"
        " softmin(<f>,-1) gelu(<f>,approximate='tanh') elu(<f>,inplace=True) relu(<f>,inplace=True)"
        " pad(<f>,(1,1)) one_hot(<i>.long().abs(),12)"
        " embedding(<i>.long().abs()%2,<m>) pairwise_distance(<f>,<z>) cosine_similarity(<f>,<z>,dim=<dim>)"
        " leaky_relu_(<f>) normalize(<f>,dim=<dim>) prelu(<f>,torch.tensor([0.25]))"
    ).split()
)

LOSSES: Lines = tuple(
    f"<v> = F.{text}"
    for text in (
        "mse_loss(<f>, <z>, reduction=<reduction>)",
        "l1_loss(<f>, <z>, reduction=<reduction>)",
        "smooth_l1_loss(<f>, <z>, reduction=<reduction>)",
        "huber_loss(<f>, <z>, reduction=<reduction>)",
        "mse_loss(<f>, <y>)",
        "binary_cross_entropy(<f>.sigmoid(), <z>.sigmoid(), reduction=<reduction>)",
        "binary_cross_entropy_with_logits(<f>, <z>, reduction=<reduction>)",
        "cross_entropy(<m>, <m>.argmax(-1), reduction=<reduction>)",
        "cross_entropy(<m>, <m>.softmax(-1), reduction='sum')",
        "nll_loss(<m>.log_softmax(-1), <m>.argmin(1), reduction=<reduction>)",
        "kl_div(<f>.log_softmax(-1), <z>.softmax(-1), reduction=<reduction>)",
        "soft_margin_loss(<f>, <z>.detach().sign())",
        "hinge_embedding_loss(<f>, <z>.sign())",
        "poisson_nll_loss(<f>, <z>)",
        "gaussian_nll_loss(<f>, <z>, <z>.abs() + 1)",
    )
)

BINARY: Lines = (
    *(f"<v> = <x> {sign} <u>" for sign in "+ - * * / + - * // % > <= == != < >= & | ^ ".split()),
    *(f"<v> = <num> {sign} <x>" for sign in "+ - * / // % >".split()),
    *(f"<v> = <x> ** {n}" for n in ("2", "3", "-1", "1", "0", "-2", "2.0", "<i>")),
    "<v> = <x> + <x>",
    "<v> = <x> * <x>",
    "<v> = 2 ** <i>",
    "<v> = <f> * <y> + <f>",
    "<v> = torch.sub(<x>, <u>)",
    "<v> = torch.mul(<x>, <u>)",
    "<v> = torch.div(<f>, <u>, rounding_mode='floor')",
    "<v> = torch.div(<f>, <u>, rounding_mode='trunc')",
    "<v> = torch.true_divide(<x>, <u>)",
    "<v> = torch.remainder(<x>, <u>)",
    "<v> = torch.rsub(<x>, <u>)",
    "<v> = <x>.eq(<u>)",
    "<v> = torch.equal(<x>, <y>)",
    "<v> = torch.allclose(<x>, <y>)",
    "<v> = <i> << 1",
    "<v> = torch.logical_and(<x>, <y>)",
    "<v> = torch.bitwise_not(<i>)",
    "<v> = <x> and <y>",
    "<v> = <x> @ <num>",
    "<v> = <x> + 'a'",
    "<v> = [1, 2] + <x>",
    "<v> = <x> + None",
)

SEVERAL: Lines = (
    "<v> = torch.where(<f> > 0, <f>, <y>)",
    "<v> = torch.where(<x> > 0, <x>, <num>)",
    "<v> = torch.where(<x>, <x>, <y>)",
    "<v> = torch.maximum(<x>, <y>)",
    "<v> = torch.minimum(<x>, <y>)",
    "<v> = torch.fmax(<x>, <y>)",
    "<v> = <f>.clamp(0)",
    "<v> = <f>.clamp(-1, 1)",
    "<v> = <x>.clamp(min=<num>)",
    "<v> = <f>.clamp(<y>, <y2>)",
    "<v> = <x>.clip(max=<y>)",
    "<v> = torch.add(<x>, <y>, alpha=<num>)",
    "<v> = torch.sub(<f>, <y>, alpha=0.5)",
    "<v> = torch.addcmul(<f>, <f>, <y>)",
    "<v> = torch.addcdiv(<f>, <f>, <f>, value=2)",
    "<v> = torch.lerp(<f>, <y>, 0.5)",
    "<v> = torch.lerp(<f>, <y>, <f>)",
    "<v> = torch.stack([<x>, <x>])",
    "<v> = torch.stack([<x>, <z>], <dim>)",
    "<v> = torch.cat([<x>, <y>])",
    "<v> = torch.cat([<x>, <x>], <dim>)",
    "<v> = torch.hstack([<x>, <y>])",
    "<v> = torch.vstack([<x>, <y>])",
    "<v> = <x>.masked_fill(<x> > 0, <num>)",
    "<v> = <x>.masked_fill(<y> > 0, <o>.sum())",
    "<v> = Twice.apply(<f>)",
    "<v> = Product.apply(<f>, <y>)",
    "<v>, w, t = Parts.apply(<f>, 2)",
    "<v> = Parts.apply(<f>, 2)[2]",
    "<v> = Stretch.apply(<f>)",
    "<v> = Stretch.apply(<f>.clone())",
    "<v> = Same.apply(<f>)",
    "<v> = torch.zeros_like(<x>)",
    "<v> = torch.ones_like(<x>)",
    "<v> = torch.full_like(<x>, <num>)",
    "<v> = torch.rand_like(<f>)",
    "<v> = <x>.new_zeros(<shape>)",
    "<v> = <x>.new_tensor([1, 2])",
    "<v> = <x>.expand_as(<y>)",
    "<v> = <x>.type_as(<y>)",
    "<v> = <x>.to(<dtype>)",
    "<v> = <x>.to(<y>)",
    *(f"<v> = <x>.{kind}()" for kind in "double float long int bool half short".split()),
    "<v> = <x>.fmod(<num>)",
    "<v> = torch.outer(<x>, <x>)",
    "<v> = <f>.mul(<y>)",
    "<v> = torch.tensor(<o>)",
    "<v> = torch.tensor([<o>, 2.])",
    "<v> = torch.as_tensor(<x>)",
    "<v> = torch.broadcast_tensors(<x>, <y>)[0]",
    "<v> = torch.atleast_2d(<x>)",
    "<v> = torch.meshgrid(<x>.flatten(), <y>.flatten(), indexing='ij')[0]",
    "<v> = torch.copysign(<f>, <y>)",
    "<v> = torch.hypot(<f>, <y>)",
    "<v> = torch.promote_types(<x>.dtype, <y>.dtype)",
    "<v> = torch.result_type(<x>, <u>)",
    "<v> = torch.empty_like(<x>).copy_(<x>)",
)

# sorts are stable, for the order of equal entries is otherwise that of torch's SIMD networks
REDUCTION: Lines = (
    "<v> = <x>.sum()",
    "<v> = <x>.mean()",
    "<v> = <x>.sum(<dim><keep>)",
    "<v> = <x>.mean(<dim><keep>)",
    "<v> = <x>.sum(<dims><keep>)",
    "<v> = <f>.mean(<dims><keep>)",
    "<v> = <x>.sum(dtype=<dtype>)",
    "<v> = <x>.max()",
    "<v> = <x>.min()",
    "<v>, w = <x>.max(<dim><keep>)",
    "<v>, w = <x>.min(<dim><keep>)",
    "<v>, w = <x>.clone().median(<dim><keep>)",
    "<v> = <f>.median()",
    "<v> = <x>.prod()",
    "<v> = <x>.amax(<dims><keep>)",
    "<v> = <x>.amin(<dim><keep>)",
    "<v> = <x>.cumsum(<dim>)",
    "<v> = <x>.argmax()",
    "<v> = <x>.argmin(<dim>)",
    "<v> = <x>.any()",
    "<v> = <x>.all(<dim><keep>)",
    "<v> = <x>.sort(<dim>).values",
    "<v>, w = <x>.sort(dim=<dim>, descending=True, stable=True)",
    "<v> = <x>.argsort(dim=<dim>, stable=True)",
    "<v>, w = <e>.kthvalue(1, <dim>)",
    "<v>, w = <e>.topk(1, <dim>)",
    "<v> = <e>.topk(1, <dim>, largest=False, sorted=False)[1]",
    "<v> = <x>.sum(<dim>).mean()",
    "<v> = <x>.prod(<dim><keep>)",
    "<v>, w = torch.aminmax(<x>)",
    "<v> = <x>.cummax(0)[0]",
    "<v> = <x>.count_nonzero()",
    "<v> = torch.unique(<x>)",
    "<v> = <x>.nansum()",
    "<v> = <x>.nonzero()",
    "<v> = <x>.diff()",
    "<v> = torch.bincount(<i>.flatten().abs().long())",
    "<v> = <m>.trace()",
    "<v> = sum(<x>)",
    "<v> = max(<x>)",
)

PRODUCT: Lines = (
    "<v> = <m> @ <q>",
    "<v> = <f> @ <q>",
    "<v> = torch.matmul(<f>, <q>)",
    "<v> = <m> @ <m>.t()",
    "<v> = <m>.t() @ <m>",
    "<v> = torch.mm(<m>, <q>)",
    "<v> = torch.mm(<x>, <y>)",
    "<v> = torch.dot(<x>, <z>)",
    "<v> = <f> @ <f>.mT",
    "<v> = torch.mv(<m>, <q>)",
    "<v> = torch.bmm(<x>, <x>)",
    "<v> = torch.einsum('ij,kj->ik', <m>, <m>)",
    "<v> = torch.einsum('ij->ji', <m>)",
    "<v> = torch.einsum('i,j->ij', <x>, <y>)",
    "<v> = torch.einsum('ij,j->i', <m>, <q>)",
    "<v> = torch.einsum('ii->i', <m>)",
    "<v> = torch.einsum('...i,...i->...', <f>, <z>)",
    "<v> = torch.addmm(<m>, <m>, <m>)",
    "<v> = torch.outer(<f>, <y>)",
    "<v> = torch.tensordot(<m>, <z>, dims=1)",
    "<v> = torch.inner(<f>, <z>)",
    "<v> = <x> @ <y>",
    "<v> = torch.kron(<x>, <y>)",
    "<v> = torch.addmv(<f>, <m>, <f>)",
)

VIEW: Lines = (*(f"<v> = {view}" for view in VIEWS), "<v>, *rest = <x>", "<v> = <x>[<index>]")

GATHER: Lines = (
    "<v> = <x>[<index>]",
    "<v> = <x>[<x> > 0]",
    "<v> = <x>[torch.tensor([0, 1])]",
    "<v> = <x>.index_select(<dim>, torch.tensor([0, 0]))",
    "<v> = <x>.gather(<dim>, torch.zeros_like(<x>).long())",
    "<v> = <x>.gather(0, <i>.long())",
    "<v> = <x>.scatter(0, torch.zeros_like(<x>).long(), <x>)",
    "<v> = <x>.scatter(<dim>, torch.tensor([[0]]), <num>)",
    "<v> = <x>.scatter_add(0, torch.zeros_like(<x>).long(), <x>)",
    "<v> = <x>.index_add(0, torch.tensor([0]), <x>[:1])",
    "<v> = <f>.index_fill(<dim>, torch.tensor([0]), <num>)",
    "<v> = <e>.index_copy(0, torch.tensor([0]), <e>[-1:])",
    "<v> = <x>.flip(<dim>)",
    "<v> = <x>.flip((0, -1))",
    "<v> = <x>.roll(1, <dim>)",
    "<v> = <x>.roll(1)",
    "<v> = <x>.tril()",
    "<v> = <x>.triu(1)",
    "<v> = <x>.repeat(2, 1)",
    "<v> = <x>.repeat_interleave(2)",
    "<v> = <x>.repeat_interleave(2, <dim>)",
    "<v> = <x>.tile(2)",
    "<v> = torch.diag(<x>)",
    "<v> = torch.take(<e>, torch.tensor([0]))",
    "<v> = <x>.masked_select(<y> > 0)",
    "<v> = <x>.index_put((torch.tensor([0]),), torch.tensor(<num>))",
    "<v> = <x>.rot90()",
    "<v> = torch.diag_embed(<x>)",
)

CHANGE: Lines = (
    *(f"<x> {sign}= <u>" for sign in "+ - * /".split()),
    "<f> //= <u>",
    "<i> //= 0",
    "<f> %= <u>",
    *(f"<x>.{name}_(<u>)" for name in "add mul sub div copy add mul".split()),
    "<x>.zero_()",
    "<x>.fill_(<num>)",
    "<x>.fill_(<o>)",
    "<x>[<index>] = <y>",
    "<x>[<index>] = <num>",
    "<x>[<index>] = <num>",
    "<x>[<index>] += <u>",
    "<x>[<index>] *= <num>",
    "<x>[<index>] = <x>[<index>] * 2",
    "<x>[<x> > 0] = <num>",
    "<x>[<x> > 0] *= <num>",
    "<x>.clamp_(-1, 1)",
    "<x>.neg_()",
    "<x>.relu_()",
    "<x>.abs_()",
    "<x>.round_()",
    "<x>.masked_fill_(<x> > 0, <num>)",
    "<x>.t_()",
    "<x>.transpose_(<dim>, <dim2>)",
    "<x>.unsqueeze_(0)",
    "<x>.squeeze_()",
    "<x>.detach_()",
    "<x>.requires_grad_()",
    "<x>.requires_grad_(<bool>)",
    "<x>.requires_grad = <bool>",
    "<x>.data.mul_(2)",
    "<x>.data = <z>",
    "<x>.pow_(2)",
    "<f>.addcmul_(<f>, <y>)",
    "<f>.lerp_(<y>, 0.5)",
    "<x>.index_add_(0, torch.tensor([0]), <x2>)",
    "<x>.scatter_(0, torch.zeros_like(<x>).long(), <num>)",
    "<x>.tril_()",
    "<f>.cumsum_(0)",
    "<f>.normal_()",
    "<x>.uniform_()",
    "<x>.bernoulli_()",
    "<f>.random_(3)",
    "<x>.logical_not_()",
    "<x>.eq_(<y>)",
    "<x>.swapaxes_(0, -1)",
    "<view>.mul_(2)",
    "<view>.add_(<u>)",
    "<view>[0] = <num>",
    "<view>[...] = <u>",
    "<view>.zero_()",
    "<x>.grad.add_(1)",
    "for row in <x>:\n    row.mul_(2)",
    "w = <view>\nw *= 2\nw[0] = <num>",
    "w = <view>\nw2 = w.view(-1)\nw2 += <u>\nprint(w.grad_fn and w.grad_fn.name(), w._version)",
)
_COMMON = (
    ("creation", CREATION),
    ("unary", UNARY),
    ("binary", BINARY),
    ("binary", BINARY),
    ("several", SEVERAL),
    ("several", SEVERAL),
    ("reduction", REDUCTION),
    ("view", VIEW),
    ("view", VIEW),
    ("gather", GATHER),
    ("change", CHANGE),
    ("change", CHANGE),
    ("change", CHANGE),
    ("backward", BACKWARD),
    ("backward", BACKWARD),
    ("hook", HOOK),
    ("show", SHOW),
    ("flow", FLOW),
)

EXACT = _COMMON
CLOSE = (
    *_COMMON,
    ("curved", CURVED),
    ("curved", CURVED),
    ("product", PRODUCT),
    ("activations", ACTIVATIONS),
    ("losses", LOSSES),
    ("networks", NETWORKS),
    ("networks", NETWORKS),
    ("functional", FUNCTIONAL),
)

TABLES = {"exact": EXACT, "close": CLOSE, "learners": (*SCRIPTS, *SCRIPTS, *CLOSE)}
"""The tables that each kind of program is made from."""
