"""The tensor: an array, the node that made it, and torch's rules about leaves, gradients and
versions.

Arithmetic and the methods named in the table are attached by `gradtui.engine.surface`; this file
holds what is not an operation: identity, flags, `.grad`, conversion to Python, text.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gradtui.engine import dtypes, errors, state, text
from gradtui.engine.aside import Aside
from gradtui.engine.kernels.shapes import strides_of
from gradtui.engine.node import ENDS, Handle, Node, Output, Table

new = object.__new__
SCALARS = frozenset({int, float, bool, np.float32, np.float64, np.int64, np.bool_, np.int32})
TENSORS: set[Any] = set()


class TensorType(type):
    """Lets `isinstance(x, torch.Tensor)` be quick and keeps the set of tensor types."""

    def __init__(cls, *args: Any) -> None:
        super().__init__(*args)
        TENSORS.add(cls)
        ENDS.add(cls)


class Tensor(metaclass=TensorType):
    """An array of one dtype that autograd can follow."""

    __slots__ = ("__weakref__", "_data", "_node", "_rare", "_rg", "_ver")
    __module__ = "torch"
    __array_priority__ = 1000
    _data: Any  # an array, or a numpy scalar where there are no dimensions
    _node: Node | Output | None
    _rare: Aside | None
    _rg: bool
    _ver: int

    def __init__(self, *data: Any) -> None:
        made = data[0] if len(data) == 1 and not isinstance(data[0], int) else None
        array = (
            np.asarray(made, dtype=np.float32) if made is not None else np.zeros(data, np.float32)
        )
        _fill(self, array)

    # -- flags -----------------------------------------------------------------------------------

    def aside(self) -> Aside:
        if self._rare is None:
            self._rare = Aside()
        return self._rare

    @property
    def requires_grad(self) -> bool:
        return requires(self)

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if not isinstance(wanted, bool):
            raise RuntimeError("requires_grad must be a bool")
        if self._node is not None and wanted:
            raise RuntimeError("you can only change requires_grad flags of leaf variables.")
        if wanted and self._data.dtype.kind != "f":
            raise RuntimeError(
                "only Tensors of floating point and complex dtype can require gradients"
            )
        self.requires_grad_(wanted)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Makes autograd follow this leaf, or stop following it."""
        if not isinstance(requires_grad, bool):
            raise TypeError(
                "requires_grad_(): argument 'requires_grad' (position 1) must be bool, "
                f"not {type(requires_grad).__name__}"
            )
        if requires_grad and self._data.dtype.kind != "f":
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        if requires_grad and self._ver < 0 and not state.inference:
            raise RuntimeError(
                "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
            )
        if not requires_grad and self._node is not None:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. If you want to use a "
                "computed variable in a subgraph that doesn't require differentiation use "
                "var_no_grad = var.detach()."
            )
        self._rg = requires_grad
        return self

    @property
    def is_leaf(self) -> bool:
        return history(self) is None

    @property
    def grad_fn(self) -> Node | None:
        node = history(self)
        return node.node if isinstance(node, Output) else node

    @grad_fn.setter
    def grad_fn(self, value: object) -> None:
        raise AttributeError("attribute 'grad_fn' of 'torch._C.TensorBase' objects is not writable")

    @property
    def output_nr(self) -> int:
        node = history(self)
        return node.number if isinstance(node, Output) else 0

    @property
    def _version(self) -> int:
        if self._ver < 0:
            raise RuntimeError("Inference tensors do not track version counter.")
        return owner(self)._ver

    @property
    def _base(self) -> Tensor | None:
        return None if self._rare is None else self._rare.base

    def _is_view(self) -> bool:
        return self._base is not None

    # -- gradients ---------------------------------------------------------------------------------

    @property
    def grad(self) -> Tensor | None:
        found = None if self._rare is None else self._rare.grad
        if found is None and self._node is not None:
            errors.warn_not_leaf(self)
        return found

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            errors.check_grad(self, value)
        self.aside().grad = value

    @grad.deleter
    def grad(self) -> None:
        self.aside().grad = None

    def retain_grad(self) -> None:
        """Makes the next backward pass keep this non-leaf's gradient in `.grad`."""
        if not requires(self):
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if history(self) is None or self.aside().retains:
            return
        self.aside().retains = True
        node, number = _source(self)
        node.ensure_hooks().retained[number] = weakref.ref(self)

    @property
    def retains_grad(self) -> bool:
        return self._rare is not None and self._rare.retains

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> Handle:
        """Calls `hook(grad)` when the gradient of this tensor is known; it may return another."""
        if not requires(self):
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if history(self) is None:
            aside = self.aside()
            if aside.hooks is None:
                aside.hooks = Table()
            return Handle(aside.hooks, hook)
        node, number = _source(self)
        return Handle(node.ensure_hooks().tensors.setdefault(number, Table()), hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> Handle:
        """Calls `hook(leaf)` after a pass added to the leaf's `.grad`."""
        if not requires(self):
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if history(self) is not None:
            raise RuntimeError(
                "post accumulate grad hooks cannot be registered on non-leaf tensors"
            )
        aside = self.aside()
        if aside.post_hooks is None:
            aside.post_hooks = Table()
        return Handle(aside.post_hooks, hook)

    def detach(self) -> Tensor:
        """The same storage, outside the graph."""
        return alias(self)

    def detach_(self) -> Tensor:
        """Cuts this tensor from the graph that made it; inference mode leaves it as it is."""
        if state.inference:
            return self
        if self._is_view():
            raise RuntimeError(
                "Can't detach views in-place. Use detach() instead. If you are using "
                "DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as "
                "True, gradients are views of DDP buckets, and hence detach_() cannot be called on "
                "these gradients. To fix this error, please refer to the Optimizer.zero_grad() "
                "function in torch/optim/optimizer.py as the solution."
            )
        if self._node is not None:
            self.aside().detached = state.last_write = state.next_sequence()
        if self._rare is not None:
            self._rare.tangents = None
        self._node = None
        self._rg = False
        return self

    @property
    def data(self) -> Tensor:
        """The same storage with a version of its own: changes through it are not noticed."""
        made = alias(self)
        made.aside().owner = None
        return made

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
        if self._rg and value._data.dtype.kind != "f":
            raise RuntimeError(errors.DATA_OF_LEAF)
        self._data = storage(value)

    # -- shape and kind ----------------------------------------------------------------------------

    @property
    def shape(self) -> dtypes.Size:
        return dtypes.Size.of(self._data.shape)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size of one dimension."""
        shape = self._data.shape
        return dtypes.Size.of(shape) if dim is None else shape[errors.wrap_dim(dim, len(shape))]

    def stride(self, dim: int | None = None) -> Any:
        """Steps between neighbours of each dimension, in elements."""
        strides = strides_of(storage(self))
        return strides if dim is None else strides[errors.wrap_dim(dim, len(strides))]

    def storage_offset(self) -> int:
        from gradtui.engine.views import offset

        return offset(self)

    def data_ptr(self) -> int:
        return int(storage(self).__array_interface__["data"][0])

    def is_contiguous(self, *, memory_format: Any = None) -> bool:
        return isinstance(self._data, np.generic) or bool(self._data.flags.c_contiguous)

    def dim(self) -> int:
        return int(self._data.ndim)

    ndimension = dim
    ndim = property(dim)

    def numel(self) -> int:
        return int(self._data.size)

    nelement = numel

    @property
    def dtype(self) -> dtypes.dtype:
        return dtypes.of(self._data.dtype)

    device = property(lambda self: dtypes.device("cpu"))
    layout = property(lambda self: dtypes.strided)
    is_cuda = property(lambda self: False)
    is_sparse = property(lambda self: False)
    is_quantized = property(lambda self: False)
    is_mkldnn = property(lambda self: False)
    is_meta = property(lambda self: False)
    names = property(lambda self: (None,) * self._data.ndim)
    itemsize = property(lambda self: self._data.dtype.itemsize)
    nbytes = property(lambda self: self._data.nbytes)

    def element_size(self) -> int:
        return int(self._data.dtype.itemsize)

    def get_device(self) -> int:
        return -1

    def is_floating_point(self) -> bool:
        return bool(self._data.dtype.kind == "f")

    def is_complex(self) -> bool:
        return False

    def is_signed(self) -> bool:
        return self._data.dtype.kind in "if"

    def is_inference(self) -> bool:
        return self._ver < 0

    # -- to Python ---------------------------------------------------------------------------------

    def item(self) -> Any:
        """The one number this holds, as a Python number."""
        if self._data.size != 1:
            raise RuntimeError(
                f"a Tensor with {self._data.size} elements cannot be converted to Scalar"
            )
        return self._data.item()

    def tolist(self) -> Any:
        """Nested lists of Python numbers."""
        return self._data.tolist()

    def __bool__(self) -> bool:
        if self._data.size == 0:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        if self._data.size > 1:
            raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
        return bool(self._data.item())

    def _scalar(self) -> Any:
        """The one number this holds, for Python's own conversions."""
        if self._data.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return self._data.item()

    def __float__(self) -> float:
        return float(self._scalar())

    def __int__(self) -> int:
        return int(self._scalar())

    def __index__(self) -> int:
        if self._data.size != 1 or self._data.dtype.kind not in "iub":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self._data.item())

    def __complex__(self) -> complex:
        return complex(self._scalar())

    def __len__(self) -> int:
        if self._data.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return int(self._data.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        if self._data.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    __hash__ = object.__hash__

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return DESCRIBE[0](self)

    def __format__(self, spec: str) -> str:
        if self._data.ndim == 0 and not self._is_parameter():
            return text.format_scalar(self._data.item(), spec)
        return object.__format__(self, spec)

    def _is_parameter(self) -> bool:
        return False

    if TYPE_CHECKING:  # methods come from the table

        def __getattr__(self, name: str) -> Any: ...

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if self._node is not None:
            raise RuntimeError(errors.DEEP_COPY)
        made: Tensor = _fill(new(type(self)), np.array(self._data))
        made._rg = self._rg
        if self.grad is not None:
            made.grad = self.grad.__deepcopy__(memo)
        memo[id(self)] = made
        return made


def _fill(tensor: Tensor, array: Any) -> Tensor:
    tensor._data = array
    tensor._node = tensor._rare = None
    tensor._rg = False
    tensor._ver = -1 if state.inference else 0
    return tensor


def wrap(array: Any) -> Tensor:
    """A tensor that holds `array`, without history."""
    made = new(Tensor)
    made._data = array
    made._node = made._rare = None
    made._rg = False
    made._ver = -1 if state.inference else 0
    return made


def requires(tensor: Tensor) -> bool:
    """Whether a tensor requires grad: by itself, by its history, or as a view of one that does."""
    if tensor._rg:
        return True
    rare = tensor._rare
    return rare is not None and rare.base is not None and requires(rare.base)


def history(tensor: Tensor) -> Node | Output | None:
    """What made the tensor; for a view, brought up to date with changes of its base."""
    rare = tensor._rare
    if rare is not None and rare.base is not None:
        refresh_view(tensor, rare)
    return tensor._node


def edge(tensor: Any) -> Any:
    """Where a gradient with respect to `tensor` goes."""
    if tensor.__class__ not in TENSORS:
        return None
    rare = tensor._rare
    if rare is not None and rare.base is not None:
        refresh_view(tensor, rare)
    node = tensor._node
    if node is not None or not tensor._rg:
        return node
    end = None if rare is None else rare.accumulator()
    return tensor if end is None or end.hooks is None else end  # the graph keeps its hooks


def refresh_view(view: Tensor, rare: Aside) -> None:
    """Gives a view whose storage was changed since a node that reads from the changed base."""
    if rare.base is None or rare.owner is None or rare.seen_version == rare.owner._ver:
        return
    if view._node is not None or requires(rare.base):
        from gradtui.engine.views import follow_base

        follow_base(view, rare)


def owner(tensor: Tensor) -> Tensor:
    """The tensor whose version counts for this storage."""
    rare = tensor._rare
    return tensor if rare is None or rare.owner is None else rare.owner


def bump(tensor: Tensor) -> None:
    """Counts the version of a tensor's storage up, for it was changed in place."""
    owner(tensor)._ver += 1
    state.last_write = state.next_sequence()


def storage(tensor: Tensor) -> Any:
    """The data as an array that can be shared and written to."""
    data = tensor._data
    if data.__class__ is not np.ndarray:
        made = tensor._data = np.array(data)
        if tensor._node is not None and not state.duals:
            _save_shared(tensor._node, data, made)
        return made
    return data


def _save_shared(source: Any, number: Any, array: Any) -> None:
    """A single number that its node saved as its result is that tensor's memory from now on."""
    node = getattr(source, "node", source)
    if node.saved and any(s is number for s in node.saved):
        node.saved = tuple([array if s is number else s for s in node.saved])


DETACHED_INFERENCE = -2
"""The version of what was detached from an inference tensor: it has none, but may be changed."""


def alias(tensor: Tensor) -> Tensor:
    """A tensor over the same storage and version, without history."""
    made = wrap(storage(tensor))
    made.aside().owner = owner(tensor)
    made._ver = DETACHED_INFERENCE if tensor._ver < 0 else 0
    return made


def _source(tensor: Tensor) -> tuple[Node, int]:
    node = history(tensor)
    if isinstance(node, Output):
        return node.node, node.number
    assert node is not None
    return node, 0


DESCRIBE: list[Callable[[Any], str]] = []
"""How a tensor's text is made: `gradtui.engine.description`."""
