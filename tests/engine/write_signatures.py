"""Writes `gradtui/engine/signatures.txt`: what torch's argument parser knows of each function and
method.

Run it after a change of torch's version: `python tests/engine/write_signatures.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import torchgen
from torchgen.gen import parse_native_yaml
from torchgen.packaged.autograd import gen_python_functions as bindings

FILE = Path(__file__).parents[2] / "gradtui/engine/signatures.txt"
ELSEWHERE = ("cudnn", "miopen", "mkldnn", "fbgemm", "quantize", "q_", "fake_", "fused_", "sparse")


def _bound() -> list[object]:
    base = Path(torchgen.__file__).parent / "packaged"
    parsed = parse_native_yaml(
        str(base / "ATen/native/native_functions.yaml"), str(base / "ATen/native/tags.yaml")
    )
    return [f for f in parsed.native_functions if bindings.should_generate_py_binding(f)]


def _wanted(name: str) -> bool:
    return not name.startswith(("_", *ELSEWHERE))


FUNCTIONS_BY_HAND = """
nonzero(Tensor input, *, Tensor out=None)
nonzero(Tensor input, *, bool as_tuple)
range(Scalar start, Scalar end, Scalar step=1, *, Tensor out=None, ScalarType dtype=None, Layout \
layout=torch.strided, Device device=None, bool pin_memory=False, bool requires_grad=False)
set_anomaly_enabled(bool enabled, bool check_nan=True)
""".replace("\\\n", "").split("\n")[1:-1]
"""Functions whose signatures torch's own code spells out."""

BY_HAND = """
bool(*, MemoryFormat? memory_format=None)
byte(*, MemoryFormat? memory_format=None)
char(*, MemoryFormat? memory_format=None)
contiguous(*, MemoryFormat memory_format=torch::contiguous_format)
cpu(*, MemoryFormat? memory_format=None)
cuda(Device? device=None, bool non_blocking=False, *, MemoryFormat? memory_format=None)
data_ptr()
dim()
double(*, MemoryFormat? memory_format=None)
element_size()
float(*, MemoryFormat? memory_format=None)
get_device()
half(*, MemoryFormat? memory_format=None)
int(*, MemoryFormat? memory_format=None)
is_contiguous(*, MemoryFormat memory_format=torch::contiguous_format)
item()
long(*, MemoryFormat? memory_format=None)
ndimension()
nelement()
numel()
numpy(*, bool force=False)
requires_grad_(bool requires_grad=True)
retain_grad()
short(*, MemoryFormat? memory_format=None)
size(int64_t? dim=None)
storage_offset()
stride(int64_t? dim=None)
tolist()
""".split("\n")[1:-1]
"""Methods whose signatures torch's own code spells out."""


def _function(native: object) -> bool:
    """Whether torch, `torch.special` or `torch.linalg` has a function of it."""
    kinds = ("torch", "special", "linalg")
    return any(getattr(bindings, f"is_py_{kind}_function")(native) for kind in kinds)


def signatures(chosen: Callable[..., bool], method: bool = False) -> Iterator[str]:
    """Every overload in the order in which torch tries them."""
    deprecated = Path(torchgen.__file__).parent / "packaged/autograd/deprecated.yaml"
    pairs = bindings.load_signatures(_bound(), str(deprecated), method=method)
    by_name: dict[str, list[object]] = {}
    for pair in pairs:
        if chosen(pair.function):
            by_name.setdefault(str(pair.function.func.name.name), []).append(pair)
    for name in sorted(filter(_wanted, by_name)):
        for overload in bindings.group_overloads(by_name[name]):
            yield overload.signature.signature_str()


def text() -> str:
    parts = ["functions", *signatures(_function)]
    parts += FUNCTIONS_BY_HAND
    parts += ["methods", *signatures(bindings.is_py_variable_method, True), *BY_HAND]
    parts.append("members")
    parts += signatures(bindings.is_py_nn_function)
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
