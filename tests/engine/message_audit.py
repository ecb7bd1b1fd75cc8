"""Calls everything that the engine and torch both have with wrong arguments, and compares errors.

    python tests/engine/message_audit.py --count 60 --seed 0 [--only add,linalg.inv] [--room nn]

A call is written from the parameters of the function: most arguments are of their kind, some are of
another shape, dtype or type, missing, unknown or too many. Both sides must raise the same type with
the same text, or both succeed. `calls(name)` gives the same calls for the same seed.
"""

from __future__ import annotations

import argparse
import functools
import inspect
import random
import re
import resource
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

import gradtui.engine as engine
from gradtui.engine.overloads import Argument, overloads

ROOMS = (
    "",
    "Tensor",
    "nn.functional",
    "linalg",
    "special",
    "nn.init",
    "nn",
    "optim",
    "optim.lr_scheduler",
    "autograd",
    "autograd.functional",
    "func",
    "nn.utils",
    "nn.utils.rnn",
    "utils.data",
)
"""The modules whose functions and classes are called; `Tensor` stands for its methods."""

TENSORS = (
    """
torch.ones(2, 3)|torch.ones(3)|torch.ones(3, 3)|torch.tensor(2.)|torch.arange(3)|torch.ones(2, 3, 4)
torch.tensor([True, False, True])|torch.ones(2, 3, dtype=torch.float64)|torch.ones(0)|torch.ones(4)
torch.ones(2, 3, requires_grad=True)|torch.tensor(1)|torch.ones(1, 2, 4, 4)|torch.eye(3)|torch.ones(1)
torch.arange(6).reshape(2, 3)|torch.ones(3, dtype=torch.float16)|torch.tensor([0, 5, 1])|torch.ones(2, 0)
torch.ones(3, dtype=torch.int32)|torch.tensor([[True, False, True]])|torch.tensor(True)
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

STRANGE = (
    """
None|'abc'|2.5|1|True|[1, 2]|[1.5, 2]|(0, 0)|[]|np.ones(3)|torch.float32|{}|object()|[[1, 2], [3]]|-1
[torch.ones(3), torch.ones(3)]|[torch.ones(3), 1]|torch.Size([2, 3])|1j|-7|2**64|float('nan')|len
['a']|torch.ones(2, 3)|torch.tensor(1)|torch.tensor([1, 2])|np.float32(2)|np.int64(1)|'sum'|False|slice(1)
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

NUMBERS = "2 1.5 -1 0 True torch.tensor(2.) 3".split()
INTS = "0 0 1 -1 1 2 5 -7 3".split()
LISTS = "(0,)|(1,)|[0, 1]|(2, 3)|(3,)|[-1]|1|(0, 0)|()|(2, -1)|[5]|(1, 1)|2".split("|")
BY_KIND = {
    "Tensor": TENSORS,
    "Scalar": NUMBERS,
    "int64_t": INTS,
    "SymInt": INTS,
    "double": ["0.5", "1e-05", "2", "-1.0", "0.0"],
    "bool": ["True", "False"],
    "IntArrayRef": LISTS,
    "SymIntArrayRef": LISTS,
    "ArrayRef<double>": ["(1., 2.)", "[0.5]", "(2, 3)"],
    "TensorList": [
        "[torch.ones(2, 3), torch.ones(2, 3)]",
        "[torch.ones(3), torch.ones(2, 3)]",
        "(torch.ones(3),)",
        "[]",
        "[torch.arange(3), torch.ones(3)]",
    ],
    "ScalarType": ["torch.float64", "torch.int64", "torch.bool", "torch.float32", "None"],
    "Layout": ["torch.strided"],
    "Device": ["'cpu'", "None"],
    "MemoryFormat": ["torch.contiguous_format"],
    "Generator": ["None", "torch.Generator()"],
    "c10::string_view": ["'sum'", "'mean'", "'floor'", "'reflect'", "'abc'"],
    "std::string": ["'sum'", "'mean'"],
}
"""Expressions that are of a kind of parameter, in torch's own names of kinds."""

KIND_OF_NAME = {
    "Tensor": "input target weight bias other a b x y A B tensor tensors1 input1 input2 x1 x2 anchor "
    "positive negative query key value running_mean running_var mat1 mat2 log_probs targets var "
    "parameters func_input primals",
    "int64_t": "dim num_classes groups n ndim in_features out_features in_channels out_channels "
    "num_features d_model num_embeddings embedding_dim hidden_size input_size nhead dim1 dim2 p "
    "upscale_factor downscale_factor num_groups num_layers start_dim end_dim padding_idx axis T_max "
    "step_size ignore_index batch_size in1_features in2_features",
    "IntArrayRef": "dims size shape normalized_shape kernel_size stride padding dilation pad output_size "
    "output_padding scale_factor unflattened_size milestones",
    "bool": "inplace training keepdim bias_ largest sorted full log_input size_average reduce affine "
    "track_running_stats batch_first ceil_mode count_include_pad return_indices align_corners nesterov "
    "maximize amsgrad create_graph strict vectorize elementwise_affine drop_last shuffle",
    "double": "eps alpha beta lambd negative_slope margin delta momentum lr weight_decay threshold gamma "
    "a_ b_ mean std val gain label_smoothing lower upper dropout max_norm dampening",
    "c10::string_view": "reduction mode approximate padding_mode nonlinearity",
    "ScalarType": "dtype",
}
_BY_NAME = {name: kind for kind, names in KIND_OF_NAME.items() for name in names.split()}

APART = Path(__file__).with_name("messages_apart.txt")
"""The functions with calls whose errors differ still, one a line; the suite holds all others to it."""

LEFT_OUT = frozenset(
    """
    set_default_dtype set_printoptions set_rng_state seed manual_seed set_deterministic_debug_mode
    use_deterministic_algorithms get_rng_state initial_seed default_generator empty empty_like
    new_empty empty_strided set_default_device set_grad_enabled resize_ resize_as_ detect_anomaly
    set_detect_anomaly set_ data_ptr storage_offset element_size requires_grad_ share_memory_
    Generator backward apply_ map_ map2_ typename register_hook untyped_storage random_split
    set_data is_shared pin_memory as_strided_ storage set_num_threads record_stream
    register_post_accumulate_grad_hook dtype grad_dtype inference_mode Optimizer Any Callable
    """.split()
)
"""What changes the state of its module, shows memory as it lies, or is no function of torch's."""


# -- what there is to call -------------------------------------------------------------------------


def reached(root: Any, path: str) -> Any:
    return functools.reduce(getattr, path.split(".") if path else [], root)


def names(room: str) -> list[str]:
    """What a module of torch has and the engine has too, and can be called."""
    ours, theirs = reached(engine, room), reached(torch, room)
    public = [n for n in sorted(dir(theirs)) if not n.startswith("_") and n not in LEFT_OUT]
    return [
        n
        for n in public
        if callable(getattr(theirs, n, None))
        and callable(getattr(ours, n, None))
        and not (room and room != "Tensor" and getattr(theirs, n) is getattr(torch, n, None))
    ]


def signature(room: str, name: str) -> tuple[Sequence[Argument], ...]:
    """The overloads a name can be called with: torch's own, or what Python says of a function."""
    if room in ("", "Tensor") and overloads(name, room == "Tensor"):
        known = overloads(name, room == "Tensor")
        return tuple(o.arguments for o in known if not o.hidden) or (known[0].arguments,)
    try:
        given = inspect.signature(reached(torch, f"{room}.{name}".lstrip(".")))
    except (TypeError, ValueError):
        prefix = f"{room.rpartition('.')[2]}_{name}"
        known = overloads(prefix, False) or overloads(name, False)
        return tuple(o.arguments for o in known) or ((Argument("Tensor", "input"),),)
    parts = [p for p in given.parameters.values() if p.name != "self"]
    return (
        tuple(
            Argument(
                _BY_NAME.get(p.name, "Tensor" if p.default is p.empty else "any"),
                p.name,
                default=None if p.default is p.empty else str(p.default),
                keyword=p.kind is p.KEYWORD_ONLY,
            )
            for p in parts
            if p.kind not in (p.VAR_KEYWORD,)
        ),
    )


# -- writing a call --------------------------------------------------------------------------------


def value(choose: random.Random, argument: Argument) -> str:
    """An expression for an argument, mostly of its kind."""
    pool = BY_KIND.get(argument.kind, STRANGE)
    return choose.choice(pool if choose.random() < 0.8 else STRANGE)


def arguments(choose: random.Random, wanted: Sequence[Argument]) -> list[str]:
    """The arguments of a call; some are left out, given by name, unknown or too many."""
    parts: list[str] = []
    named = False
    for argument in wanted:
        if argument.name == "out" or (argument.optional and choose.random() < 0.7):
            named = True
            continue
        if not argument.optional and choose.random() < 0.03:
            named = True
            continue
        named = named or argument.keyword or choose.random() < 0.1
        text = value(choose, argument)
        parts.append(f"{argument.name}={text}" if named else text)
    if choose.random() < 0.06:
        parts.append(f"unknown={choose.choice(STRANGE)}")
    elif choose.random() < 0.06 and not any(re.match(r"\w+=", p) for p in parts):
        parts.append(choose.choice(STRANGE))
    return parts


def calls(room: str, name: str, count: int, seed: int = 0) -> Iterator[str]:
    """Calls of a function, each as the text of an expression."""
    choose = random.Random(f"{room}.{name}.{seed}")
    known = signature(room, name)
    for _ in range(count):
        wanted = choose.choice(known)
        if room == "Tensor":
            target = choose.choice(TENSORS)
            yield f"{target}.{name}({', '.join(arguments(choose, wanted))})"
            continue
        call = f"torch.{room + '.' if room else ''}{name}({', '.join(arguments(choose, wanted))})"
        module = room == "nn" and choose.random() < 0.7
        yield (
            f"{call}({choose.choice(TENSORS if choose.random() < 0.9 else STRANGE)})" * module
            or call
        )


# -- comparing -------------------------------------------------------------------------------------


def outcome(module: Any, call: str) -> str:
    """What a call raises, as `Type: message`; empty where it succeeds."""
    module.manual_seed(0)
    signal.alarm(5)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            eval(call, {"torch": module, "np": np})
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        return re.sub(r"0x[0-9a-f]+", "0x", text.partition("Exception raised from")[0])
    finally:
        signal.alarm(0)
    return ""


def too_long(number: int, frame: Any) -> None:
    raise TimeoutError("took too long")


@dataclass
class Audit:
    """What came of an audit: calls made, and those that differ, by how they do."""

    calls: int = 0
    raised: int = 0
    differ: Counter[str] = field(default_factory=Counter)
    by_name: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        bad = sum(self.differ.values())
        kinds = ", ".join(f"{n} {kind}" for kind, n in self.differ.most_common())
        return f"{self.calls} calls, {self.raised} raise in torch, {bad} differ ({kinds})"


def kind_of(ours: str, theirs: str) -> str:
    """How two outcomes differ."""
    if not theirs:
        return "lacking" if ours.startswith("NotImplementedError") else "refused by the engine only"
    if not ours:
        return "accepted by the engine only"
    return "other type" if ours.split(":")[0] != theirs.split(":")[0] else "other text"


def examine(call: str, name: str, audit: Audit) -> tuple[str, str, str] | None:
    """Runs one call on both; the kind of difference and what each said, where there is one."""
    theirs, ours = outcome(torch, call), outcome(engine, call)
    audit.calls += 1
    audit.raised += bool(theirs)
    if ours == theirs:
        return None
    kind = kind_of(ours, theirs)
    audit.differ[kind] += 1
    audit.by_name[name] += 1
    return kind, ours, theirs


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=60, help="calls of each function")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--room", action="append", help="only these modules")
    options.add_argument("--only", default="", help="only these names, by commas")
    options.add_argument("--write", action="store_true", help="write messages_apart.txt anew")
    options.add_argument("--show", type=int, default=3, help="differences shown of each function")
    given = options.parse_args()
    torch.set_num_threads(1)
    signal.signal(signal.SIGALRM, too_long)
    resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))
    audit, only = Audit(), set(filter(None, given.only.split(",")))
    for room in ROOMS if given.room is None else given.room:
        for name in names(room):
            if only and name not in only:
                continue
            for call in calls(room, name, given.count, given.seed):
                found = examine(call, f"{room}.{name}", audit)
                if found and audit.by_name[f"{room}.{name}"] <= given.show:
                    print(f"[{found[0]}] {call}\n   ours   {found[1]!r}\n   torch  {found[2]!r}")
        print(f"{room or 'torch'}: {audit}", file=sys.stderr, flush=True)
    if given.write:
        APART.write_text("".join(f"{name}\n" for name in sorted(audit.by_name)))
    print(audit)
    for name, count in audit.by_name.most_common(60):
        print(count, name)
    return 1 if audit.differ else 0


if __name__ == "__main__":
    sys.exit(main())
