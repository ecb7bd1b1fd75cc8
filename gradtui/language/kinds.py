"""What Python's errors call the types of values, where other ones stand for torch's own here.

`x.sum` is a method of C in torch and a charged function here; `x.shape` is a `torch.Size`.
"""

from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

_NAMED_BY_TORCH = ("Size", "dtype", "device", "layout", "memory_format", "finfo", "iinfo")

_IN_PYTHON = frozenset(
    """
    backward dim_order index is_shared lu norm register_hook register_post_accumulate_grad_hook split
    stft unflatten unique unique_consecutive are_deterministic_algorithms_enabled atleast_1d
    atleast_2d atleast_3d block_diag broadcast_shapes broadcast_tensors cartesian_prod cdist
    chain_matmul einsum get_rng_state initial_seed is_tensor manual_seed meshgrid pca_lowrank seed
    set_default_dtype set_printoptions set_rng_state svd_lowrank tensordot unravel_index
    use_deterministic_algorithms vmap
    """.split()
)
"""Functions of torch and methods of tensors that are written in Python."""

_IN_C = frozenset(
    """
    adaptive_avg_pool1d avg_pool1d avg_pool2d avg_pool3d bilinear celu_ channel_shuffle conv1d conv2d
    conv3d conv_transpose1d conv_transpose2d conv_transpose3d cosine_similarity elu_ gelu hardshrink
    hardtanh_ leaky_relu_ linear logsigmoid one_hot pairwise_distance pdist pixel_shuffle
    pixel_unshuffle prelu relu_ rrelu_ scaled_dot_product_attention selu_ softplus softshrink
    threshold_
    """.split()
)
"""Functions of `torch.nn.functional` that are not."""

_OF_C = ("torch", "torch.linalg", "torch.special", "math")


def kind_name(runtime: "Runtime", value: Any) -> str:
    """The name of a value's type, as Python's errors have it over torch."""
    kind = type(value)
    if kind.__name__ in _NAMED_BY_TORCH and kind is runtime.world.part(f"torch.{kind.__name__}"):
        return f"torch.{kind.__name__}"
    if kind in (FunctionType, MethodType) and not runtime.is_lesson_function(value):
        module, name = runtime.origins.get(id(value), ("", value.__name__))
        method = not module and name in runtime.attributes.allowed(runtime.world.tensor)
        if name in _IN_PYTHON and (method or module == "torch"):
            return kind.__name__
        if method or module in _OF_C or (module == "torch.nn.functional" and name in _IN_C):
            return "builtin_function_or_method"
    return kind.__name__


def retold(runtime: "Runtime", error: TypeError, value: Any) -> TypeError:
    """An error about a value with the name its type has in torch, or the error itself."""
    text, own = str(error), f"'{type(value).__name__}' object"
    shown = kind_name(runtime, value)
    if shown == type(value).__name__ or not text.startswith(own):
        return error
    return TypeError(f"'{shown}' object{text[len(own) :]}")
