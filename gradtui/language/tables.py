"""What lesson code may reach: the names of each module and the attributes of each kind of object.

Nothing that is absent here can be named by a lesson. An engine that lacks a name simply lacks it in
its world. Names are torch's.
"""

import operator
from typing import Any


def words(text: str) -> list[str]:
    """The words of a table written as running text."""
    return text.split()


def whole(value: Any) -> int | None:
    """The integer that a value counts as where Python wants one: a tensor's, a library's too."""
    if isinstance(value, int):
        return value
    if not hasattr(type(value), "__index__"):
        return None
    try:
        return operator.index(value)
    except (TypeError, ValueError, RuntimeError):
        return None


def is_dunder(name: str) -> bool:
    """Whether `name` is one of Python's special names."""
    return name.startswith("__") and name.endswith("__") and len(name) > 4


ELEMENTWISE = """
abs absolute acos acosh add addcdiv addcmul angle arccos arccosh arcsin arcsinh arctan arctan2
arctanh asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_not bitwise_or
bitwise_right_shift bitwise_xor ceil clamp clamp_max clamp_min clip copysign cos cosh deg2rad
digamma div divide eq erf erfc erfinv exp exp2 expm1 fix float_power floor floor_divide fmax fmin
fmod frac frexp gcd ge greater greater_equal gt heaviside hypot i0 igamma igammac isclose isfinite
isinf isnan isneginf isposinf isreal lcm ldexp le lerp less less_equal lgamma log log10 log1p log2
logaddexp logaddexp2 logical_and logical_not logical_or logical_xor logit lt maximum minimum mul
multiply mvlgamma nan_to_num ne neg negative nextafter not_equal polygamma positive pow rad2deg
reciprocal relu remainder round rsqrt sgn sigmoid sign signbit sin sinc sinh sqrt square sub
subtract tan tanh true_divide trunc xlogy masked_fill where prelu hardshrink conj real imag
resolve_conj resolve_neg conj_physical
"""

REDUCTIONS = """
all allclose amax amin aminmax any argmax argmin argsort count_nonzero cummax cummin cumprod
cumsum diff dist equal kthvalue logcumsumexp logsumexp max mean median min mode msort nanmean
nanmedian nanquantile nansum norm prod quantile renorm softmax log_softmax sort std sum topk trace
unique unique_consecutive var argwhere nonzero
"""

SHAPES = """
adjoint as_strided broadcast_to chunk clone detach diagonal dsplit expand expand_as flatten flip
fliplr flipud hsplit movedim moveaxis narrow permute ravel repeat_interleave reshape roll rot90
select split split_with_sizes squeeze swapaxes swapdims t tensor_split tile transpose tril triu
unbind unflatten unsqueeze view_as_real view_as_complex vsplit diag diag_embed diagflat
diagonal_scatter select_scatter slice_scatter as_strided_scatter
"""

INDEXING = """
gather index_add index_copy index_fill index_put index_select masked_scatter masked_select put
scatter scatter_add scatter_reduce index_reduce take take_along_dim
"""

LINEAR = """
addbmm addmm addmv addr baddbmm bmm cholesky cholesky_inverse cholesky_solve corrcoef cov cross
det dot geqrf ger inner inverse kron logdet lu lu_solve matmul matrix_exp matrix_power mm mv orgqr
ormqr outer pinverse qr slogdet svd triangular_solve vdot
"""

CREATION = """
arange empty empty_like eye full full_like linspace logspace ones ones_like rand rand_like randint
randint_like randn randn_like randperm range tensor as_tensor scalar_tensor zeros zeros_like normal
bernoulli binomial multinomial poisson complex polar asarray hann_window hamming_window blackman_window
bartlett_window kaiser_window
"""

TORCH = (
    ELEMENTWISE
    + REDUCTIONS
    + SHAPES.replace("expand_as ", "").replace(" expand ", " ")
    + INDEXING
    + LINEAR
    + CREATION
    + """
Tensor FloatTensor DoubleTensor LongTensor IntTensor BoolTensor HalfTensor ShortTensor
ByteTensor CharTensor Size Generator dtype device layout
float float16 float32 float64 half double bfloat16 int int8 int16 int32 int64 long short uint8 bool
complex64 complex128 strided preserve_format contiguous_format finfo iinfo pi e inf nan newaxis
abs_ exp_ neg_ relu_ sigmoid_ tanh_ zero_ fill_ clamp_ sqrt_ sin_ cos_ detach_ log_
atleast_1d atleast_2d atleast_3d block_diag broadcast_shapes broadcast_tensors bincount bucketize
nonzero_static histogram histc unsafe_chunk cartesian_prod cat cdist pdist
chain_matmul column_stack combinations concat concatenate cosine_similarity
cumulative_trapezoid dropout dstack einsum gradient hstack isin is_tensor is_floating_point
is_complex is_grad_enabled is_inference_mode_enabled is_nonzero is_same_size is_signed
is_anomaly_enabled is_anomaly_check_nan_enabled set_anomaly_enabled
layer_norm lu_unpack logspace pca_lowrank svd_lowrank manual_seed seed
initial_seed get_rng_state
set_rng_state meshgrid nuclear_norm numel pairwise_distance promote_types result_type can_cast
rsub searchsorted set_default_dtype get_default_dtype set_grad_enabled set_printoptions stack
std_mean row_stack square_ tensordot trapezoid trapz tril_indices triu_indices vander var_mean
vmap vstack no_grad enable_grad inference_mode unravel_index conv1d conv2d selu celu threshold
binary_cross_entropy_with_logits bilinear embedding nn optim autograd func linalg special default_generator
__version__ rrelu use_deterministic_algorithms are_deterministic_algorithms_enabled
set_num_threads get_num_threads set_num_interop_threads get_num_interop_threads is_conj is_neg
set_float32_matmul_precision get_float32_matmul_precision set_flush_denormal get_device
get_default_device set_default_device
"""
)

TENSOR = (
    (
        ELEMENTWISE
        + REDUCTIONS
        + SHAPES
        + INDEXING
        + LINEAR
        + """
H T mH mT data device dtype grad grad_dtype grad_fn is_leaf itemsize layout name names nbytes ndim output_nr
requires_grad retains_grad shape is_cpu is_cuda is_sparse
backward bernoulli bfloat16 bincount bool byte char clone contiguous cpu cuda cdouble cfloat dense_dim
detach detach_ dim dim_order double element_size float get_device half int is_complex is_conj is_contiguous
is_floating_point is_inference is_nonzero is_same_size is_set_to is_signed is_shared item long
map_ multinomial ndimension nelement new_empty new_full new_ones new_tensor new_zeros numel
data_ptr pin_memory register_hook register_post_accumulate_grad_hook repeat requires_grad_ reshape_as
retain_grad short size storage_offset stride sum_to_size to tolist type type_as unfold view
view_as values indices uniform_ normal_ random_ exponential_ cauchy_ log_normal_ geometric_
bernoulli_ copy_ fill_ zero_ fill_diagonal_ squeeze_ unsqueeze_ t_ transpose_ swapaxes_ swapdims_
tril_ triu_ index_add_ index_copy_ index_fill_ index_put_ index_reduce_ masked_fill_
masked_scatter_ put_ scatter_ scatter_add_ scatter_reduce_ cumsum_ cumprod_ addmm_ addmv_ addr_
baddbmm_ addbmm_ renorm_ std var relu_ as_strided_ apply_ nan_to_num_ lerp_ _version _base
_is_view
"""
        + " ".join(f"{name}_" for name in ELEMENTWISE.split())
    )
    .replace(" pin_memory ", " ")
    .replace(" map_ ", " ")
)

TENSOR_SETTABLE = "grad grad_dtype requires_grad data names"

FUNCTIONAL = """
affine_grid ctc_loss grid_sample pdist triplet_margin_with_distance_loss
adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d
adaptive_max_pool3d alpha_dropout fractional_max_pool2d fractional_max_pool3d lp_pool3d
max_unpool1d max_unpool2d max_unpool3d max_pool3d conv3d conv_transpose3d dropout3d upsample
upsample_bilinear upsample_nearest
avg_pool1d avg_pool2d avg_pool3d batch_norm bilinear binary_cross_entropy
binary_cross_entropy_with_logits celu celu_ channel_shuffle conv1d conv2d conv_transpose1d
conv_transpose2d cosine_embedding_loss cosine_similarity cross_entropy dropout dropout1d dropout2d
elu elu_ embedding embedding_bag feature_alpha_dropout fold gaussian_nll_loss gelu glu group_norm
gumbel_softmax hardshrink hardsigmoid hardswish hardtanh hardtanh_ hinge_embedding_loss huber_loss
instance_norm interpolate kl_div l1_loss layer_norm leaky_relu leaky_relu_ linear
local_response_norm log_softmax logsigmoid lp_pool1d lp_pool2d margin_ranking_loss max_pool1d
max_pool2d mish mse_loss multi_head_attention_forward multi_margin_loss multilabel_margin_loss
multilabel_soft_margin_loss
nll_loss normalize one_hot pad pairwise_distance pixel_shuffle pixel_unshuffle poisson_nll_loss
prelu relu relu6 relu_ rms_norm rrelu rrelu_ scaled_dot_product_attention selu selu_ sigmoid silu
smooth_l1_loss soft_margin_loss softmax softmin softplus softshrink softsign tanh tanhshrink
threshold threshold_ triplet_margin_loss unfold
"""

PADS = " ".join(
    f"{kind}Pad{dims}d"
    for kind in ("Constant", "Zero", "Reflection", "Replication", "Circular")
    for dims in (1, 2, 3)
)

NN = f"""
CTCLoss EmbeddingBag FeatureAlphaDropout
{PADS} BatchNorm3d ChannelShuffle Conv3d ConvTranspose3d Dropout3d InstanceNorm3d MaxPool3d
PixelShuffle PixelUnshuffle
AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d
AdaptiveMaxPool3d AvgPool3d Fold FractionalMaxPool2d FractionalMaxPool3d LPPool1d LPPool2d LPPool3d
LocalResponseNorm MaxUnpool1d MaxUnpool2d MaxUnpool3d Unfold Upsample UpsamplingBilinear2d
UpsamplingNearest2d
AlphaDropout AvgPool1d AvgPool2d BCELoss BCEWithLogitsLoss BatchNorm1d BatchNorm2d Bilinear
Buffer CELU Conv1d Conv2d
ConvTranspose1d ConvTranspose2d CosineEmbeddingLoss CosineSimilarity CrossEntropyLoss Dropout
Dropout1d Dropout2d ELU Embedding Flatten GELU GLU GRU GRUCell GaussianNLLLoss GroupNorm
Hardshrink Hardsigmoid Hardswish Hardtanh HingeEmbeddingLoss HuberLoss Identity InstanceNorm1d
InstanceNorm2d KLDivLoss L1Loss LSTM LSTMCell LayerNorm LeakyReLU Linear LogSigmoid LogSoftmax
MSELoss MarginRankingLoss MaxPool1d MaxPool2d Mish Module ModuleDict ModuleList
MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss MultiheadAttention NLLLoss PReLU
PairwiseDistance Parameter ParameterDict ParameterList PoissonNLLLoss RMSNorm RNN RNNCell RReLU
ReLU ReLU6 SELU Sequential SiLU Sigmoid SmoothL1Loss SoftMarginLoss Softmax Softmax2d Softmin
Softplus Softshrink Softsign Tanh Tanhshrink Threshold Transformer TransformerDecoder
TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer TripletMarginLoss
TripletMarginWithDistanceLoss Unflatten functional init
utils parameter
"""

INIT = """
calculate_gain constant_ dirac_ eye_ kaiming_normal_ kaiming_uniform_ normal_ ones_ orthogonal_
sparse_ trunc_normal_ uniform_ xavier_normal_ xavier_uniform_ zeros_
constant kaiming_normal kaiming_uniform xavier_normal xavier_uniform
"""

OPTIM = """
ASGD Adadelta Adafactor Adagrad Adam AdamW Adamax LBFGS NAdam Optimizer RAdam RMSprop Rprop SGD lr_scheduler
"""

SCHEDULERS = """
ChainedScheduler ConstantLR CosineAnnealingLR CosineAnnealingWarmRestarts CyclicLR ExponentialLR
LRScheduler LambdaLR LinearLR MultiStepLR MultiplicativeLR OneCycleLR PolynomialLR
ReduceLROnPlateau SequentialLR StepLR
"""

LINALG = """
LinAlgError cholesky cholesky_ex cond cross det diagonal eig eigh eigvals eigvalsh
householder_product inv inv_ex lstsq lu lu_factor lu_factor_ex lu_solve matmul matrix_exp
matrix_norm matrix_power matrix_rank multi_dot norm pinv qr slogdet
solve solve_ex solve_triangular svd svdvals tensorinv tensorsolve vander vecdot vector_norm
"""

SPECIAL = """
digamma entr erf erfc erfcx erfinv exp2 expit expm1 gammainc gammaincc gammaln i0 i0e i1 i1e log1p
log_ndtr log_softmax logit logsumexp multigammaln ndtr ndtri polygamma psi round sinc softmax
xlog1py xlogy zeta
"""

MATH = """
acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist e erf erfc
exp exp2 expm1 fabs factorial floor fmod frexp fsum gamma gcd hypot inf isclose isfinite isinf
isnan isqrt lcm ldexp lgamma log log10 log1p log2 modf nan nextafter perm pi pow prod radians
remainder sin sinh sqrt tan tanh tau trunc ulp
"""

MODULES: dict[str, str] = {
    "torch": TORCH,
    "torch.nn": NN,
    "torch.nn.functional": FUNCTIONAL,
    "torch.nn.init": INIT,
    "torch.nn.parameter": "Parameter",
    "torch.nn.utils": """
        clip_grad_norm_ clip_grad_value_ clip_grads_with_norm_ get_total_norm parameters_to_vector
        remove_spectral_norm remove_weight_norm spectral_norm vector_to_parameters weight_norm""",
    "torch.nn.utils.parametrize": """
        ParametrizationList cached is_parametrized register_parametrization
        remove_parametrizations""",
    "torch.nn.utils.parametrizations": "orthogonal spectral_norm weight_norm",
    "torch.nn.utils.rnn": """
        pack_padded_sequence pack_sequence pad_packed_sequence pad_sequence unpack_sequence
        unpad_sequence""",
    "torch.optim": OPTIM,
    "torch.optim.lr_scheduler": SCHEDULERS,
    "torch.autograd": """
        Function backward detect_anomaly enable_grad forward_ad functional grad gradcheck
        gradgradcheck
        graph grad_mode inference_mode no_grad set_detect_anomaly set_grad_enabled
        set_multithreading_enabled Variable function""",
    "torch.autograd.function": "Function FunctionCtx once_differentiable",
    "torch.autograd.grad_mode": """
        enable_grad inference_mode no_grad set_grad_enabled set_multithreading_enabled""",
    "torch.autograd.variable": "Variable",
    "torch.autograd.anomaly_mode": "detect_anomaly set_detect_anomaly",
    "torch.autograd.functional": "jacobian hessian vjp jvp vhp hvp",
    "torch.autograd.forward_ad": "dual_level make_dual unpack_dual",
    "torch.autograd.graph": """
        saved_tensors_hooks disable_saved_tensors_hooks allow_mutation_on_saved_tensors
        register_multi_grad_hook get_gradient_edge increment_version save_on_cpu GradientEdge Node""",
    "torch.func": """
        grad grad_and_value vjp jvp jacrev jacfwd hessian vmap functional_call linearize
        functionalize
        stack_module_state""",
    "torch.utils": "",
    "torch.utils.data": """
        BatchSampler ChainDataset ConcatDataset DataLoader Dataset IterableDataset RandomSampler
        Sampler SequentialSampler StackDataset Subset SubsetRandomSampler TensorDataset
        WeightedRandomSampler default_collate default_convert random_split""",
    "torch.utils.checkpoint": "checkpoint checkpoint_sequential",
    "torch.cuda": "is_available device_count manual_seed manual_seed_all empty_cache",
    "torch.accelerator": "is_available device_count current_accelerator",
    "torch.backends": "",
    "torch.backends.mps": "is_available is_built",
    "torch.backends.cudnn": "is_available deterministic benchmark",
    "torch.random": "fork_rng get_rng_state initial_seed manual_seed seed set_rng_state",
    "torch.linalg": LINALG,
    "torch.special": SPECIAL,
    "math": MATH,
}

SWITCHES = frozenset(
    {("torch.backends.cudnn", "deterministic"), ("torch.backends.cudnn", "benchmark")}
)
"""What a lesson may set of a module: it reads back, and changes nothing."""

MODULE_METHODS = """
T_destination add_module apply bfloat16 buffers children cpu cuda double eval extra_repr float forward
get_buffer get_parameter get_submodule half load_state_dict modules named_buffers named_children
named_modules named_parameters parameters register_buffer register_forward_hook
register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
register_module register_parameter requires_grad_ set_submodule state_dict to train training type
zero_grad append extend insert pop keys values items get update clear flatten_parameters
reset_parameters from_pretrained weight bias
"""

OPTIMIZER = """
add_param_group load_state_dict register_step_post_hook register_step_pre_hook state_dict step
zero_grad param_groups state defaults
"""

SCHEDULER = """
step get_last_lr get_lr state_dict load_state_dict base_lrs last_epoch optimizer T_max eta_min gamma
step_size milestones best num_bad_epochs patience factor
"""

CONTEXT = """
save_for_backward saved_tensors needs_input_grad mark_dirty mark_non_differentiable
set_materialize_grads save_for_forward to_save non_differentiable dirty_tensors materialize_grads
next_functions name metadata register_hook register_prehook saved_variables
"""

NODE = """
name next_functions register_hook register_prehook metadata requires_grad variable _sequence_nr
"""

NUMBER = (
    "real imag numerator denominator conjugate bit_count bit_length is_integer as_integer_ratio"
)

BUILTIN_TYPES: dict[str, str] = {
    "int": NUMBER,
    "float": NUMBER + " hex fromhex",
    "bool": NUMBER,
    "complex": NUMBER,
    "str": """
        capitalize casefold center count endswith expandtabs find index isalnum isalpha isascii
        isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper join
        ljust lower lstrip partition removeprefix removesuffix replace rfind rindex rjust
        rpartition rsplit
        rstrip split splitlines startswith strip swapcase title upper zfill format format_map
        maketrans translate""",
    "list": "append clear copy count extend index insert pop remove reverse sort",
    "tuple": "count index",
    "deque": """
        append appendleft clear copy count extend extendleft index insert maxlen pop popleft remove
        reverse rotate""",
    "Enum": "name value",
    "WarningMessage": "message category",
    "dict": "clear copy fromkeys get items keys pop popitem setdefault update values",
    "set": """
        add clear copy difference difference_update discard intersection intersection_update
        isdisjoint issubset issuperset pop remove symmetric_difference symmetric_difference_update
        union update""",
    "frozenset": """
        copy difference intersection isdisjoint issubset issuperset symmetric_difference union""",
    "range": "start stop step count index",
    "slice": "start stop step indices",
    "property": "getter setter deleter",
    "BaseException": """
        args add_note __notes__ __cause__ __context__ __suppress_context__ name value""",
    "dict_keys": "isdisjoint",
    "dict_items": "isdisjoint",
}

DEFINABLE_DUNDERS = frozenset(
    words("""
        __init__ __repr__ __str__ __call__ __len__ __getitem__ __setitem__ __delitem__
        __contains__ __iter__ __next__ __enter__ __exit__ __eq__ __ne__ __lt__ __le__ __gt__
        __ge__ __hash__ __bool__ __add__ __radd__ __iadd__ __sub__ __rsub__ __isub__ __mul__
        __rmul__ __imul__ __truediv__ __rtruediv__ __itruediv__ __floordiv__ __rfloordiv__
        __mod__ __rmod__ __pow__ __rpow__ __matmul__ __rmatmul__ __imatmul__ __neg__ __pos__
        __abs__ __invert__ __and__ __rand__ __or__ __ror__ __xor__ __rxor__ __lshift__
        __rshift__ __getattr__ __doc__ __slots__ __name__ __all__ __author__ __version__
        __init_subclass__ __match_args__ __post_init__ __float__ __int__ __round__ __reversed__
        __format__ __annotations__ __new__ __setattr__ __delattr__ __get__ __set__ __delete__
        __set_name__ __ifloordiv__ __imod__ __ipow__ __iand__ __ior__ __ixor__
        __ilshift__ __irshift__ __rlshift__ __rrshift__ __divmod__ __rdivmod__ __complex__ __trunc__
        __floor__ __ceil__
    """)
)

READABLE_DUNDERS = frozenset(
    words("""
        __name__ __qualname__ __doc__ __module__ __version__ __notes__ __cause__ __context__
        __suppress_context__
    """)
)

SUPER_DUNDERS = frozenset(
    words("""
        __init__ __repr__ __str__ __call__ __enter__ __exit__ __eq__ __hash__ __len__
        __getitem__ __setitem__ __iter__ __contains__ __bool__ __init_subclass__
    """)
)

# By the path of a type in the engine: the attributes of its instances. Where gradtui's engine keeps
# a type elsewhere than torch does, both paths stand.
INSTANCES: dict[str, str] = {
    "torch.Tensor": TENSOR,
    "torch.nn.Module": MODULE_METHODS,
    "torch.nn.Transformer": "generate_square_subsequent_mask",
    "torch.optim.Optimizer": OPTIMIZER,
    "torch.optim.lr_scheduler.LRScheduler": SCHEDULER,
    "torch.optim.lr_scheduler.ReduceLROnPlateau": SCHEDULER,
    "torch.autograd.function.FunctionCtx": CONTEXT,
    "torch.function.FunctionCtx": CONTEXT,
    "torch.autograd.Function": "apply forward backward setup_context jvp vmap",
    "torch.Generator": "manual_seed seed initial_seed get_state set_state device",
    **dict.fromkeys(
        ("torch.utils.data.Dataset", "torch.utils.data.Sampler", "torch.utils.data.DataLoader"),
        """
        batch_sampler batch_size collate_fn cumulative_sizes data_source dataset datasets drop_last
        generator indices num_samples num_workers replacement sampler tensors weights""",
    ),
    "torch.Size": "numel count index",
    "torch.dtype": "is_floating_point is_complex is_signed itemsize to_complex to_real",
    "torch.device": "type index",
    "torch.finfo": "bits eps max min tiny smallest_normal resolution dtype",
    "torch.iinfo": "bits max min dtype",
    "torch.utils.hooks.RemovableHandle": "remove id",
    "torch.node.Handle": "remove id",
    "torch.autograd.graph._MultiHandle": "remove",
    "torch.no_grad": "clone prev",
    "torch.enable_grad": "clone prev",
    "torch.set_grad_enabled": "clone prev mode",
    "torch.inference_mode": "clone mode",
    "torch.autograd.graph.GradientEdge": "node output_nr ownership_token",
    "torch.autograd.forward_ad.UnpackedDualTensor": "primal tangent",
}
