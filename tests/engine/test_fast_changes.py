"""Changes in place take a short road where nobody looks on: versions, errors and values stay torch's."""

from typing import Any

import pytest
from twins import agree

TARGETS = {
    "leaf": "w = torch.tensor([1., -2., 3.], requires_grad=True)",
    "plain": "w = torch.tensor([1., -2., 3.])",
    "double": "w = torch.tensor([1., -2., 3.], dtype=torch.float64)",
    "integers": "w = torch.tensor([1, -2, 3])",
    "number": "w = torch.tensor(2.)",
    "view": "base = torch.arange(6.); w = base[1:4]",
    "detached": "base = torch.arange(3., requires_grad=True); w = base.detach()",
    "data": "base = torch.arange(3., requires_grad=True); w = base.data",
    "expanded": "w = torch.ones(1).expand(3)",
    "made": "base = torch.ones(3, requires_grad=True); w = base.exp()",
    "inference": "with torch.inference_mode():\n    w = torch.ones(3)",
    "gradient": "base = torch.ones(3, requires_grad=True); base.sum().backward(); w = base.grad",
}
CHANGES = (
    "w += 1", "w -= 0.1", "w *= -0.0", "w /= 3", "w.mul_(True)", "w.sub_(True)",
    "w.add_(2, alpha=3)", "w.zero_()",
    "w += torch.tensor([1., 2., 3.])", "w *= torch.ones(3, requires_grad=True)", "w -= w",
    "w.add_(w.detach())",
    "w /= torch.ones(3, dtype=torch.float64)", "w += torch.ones(2, 3)", "w *= torch.tensor(2.)",
    "w.mul_('a')",
    "w.add_()", "w.zero_(1)", "w *= 1e300", "w.div_(0)", "w.mul_(other=2)",
    "w += torch.ones(2)",
)  # fmt: skip
REPORT = """
print(w, w.requires_grad, w.is_leaf)
try:
    print(w._version)
except RuntimeError as error:
    print(error)
try:
    print(base, base._version)
except NameError:
    pass
"""


@pytest.mark.parametrize(
    "mode", ["", "with torch.no_grad():\n", "with torch.inference_mode():\n"], ids=str.strip
)
@pytest.mark.parametrize("target", TARGETS)
def test_changes_in_place_are_torchs(target: str, mode: str) -> None:
    for change in CHANGES:
        body = f"try:\n    {change}\nexcept Exception as e:\n    print(type(e), e)\n"
        if mode:
            body = mode + "".join(f"    {line}\n" for line in body.splitlines())
        source = TARGETS[target] + "\n" + body + REPORT
        code = compile(source, change, "exec")  # written above

        def program(torch: Any, code: Any = code) -> None:
            exec(code, {"torch": torch})

        agree(program)


def test_what_a_node_saved_is_found_changed() -> None:
    def program(torch: Any) -> None:
        w = torch.ones(3, requires_grad=True)
        kept = torch.tensor([1.0, 2.0, 3.0])
        y = w * kept
        kept.zero_()
        try:
            y.sum().backward()
        except RuntimeError as error:
            print(error)
        z = w * w
        with torch.no_grad():
            w -= 1
        try:
            z.sum().backward()
        except RuntimeError as error:
            print(error)

    agree(program)
