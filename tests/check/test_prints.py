"""What counts as the same printed text, and where two texts part."""

import pytest

from gradtui.check.prints import first_difference, reworded, says

SAME = [
    ("tensor([3., 3.])\n", "tensor([3., 3.])\n"),
    ("tensor([3., 3.])", "tensor([3., 3.])\n"),
    ("tensor(8.9804)\n", "tensor(8.9805)\n"),
    ("tensor(-8.9804)\n", "tensor(-8.9803)\n"),
    ("tensor([ 9.9999, 1.0000])", "tensor([10.0000,  1.0000])"),
    ("tensor([1.2345e-05])", "tensor([1.2346e-05])"),
    ("a \nb\n", "a\nb\n"),
    ("tensor(1., grad_fn=<MulBackward0>)", "tensor(1., grad_fn=<MulBackward1>)"),
    ("", ""),
    ("", "\n"),
]

DIFFERENT = [
    ("tensor([3., 3.])", "tensor([3., 4.])", 0),
    ("tensor(8.9804)", "tensor(8.9806)", 0),
    ("tensor(8.9804)", "tensor(-8.9804)", 0),
    ("tensor(0.1)", "tensor(0.2)", 0),
    ("tensor([1.2345e-05])", "tensor([1.2345e-04])", 0),
    ("tensor([1.0000])", "tensor([1.0000, 1.0000])", 0),
    ("tensor([1.0000])", "tensor([1.0000], requires_grad=True)", 0),
    ("grad_fn=<MulBackward0>", "grad_fn=<AddBackward0>", 0),
    ("None", "tensor([0.])", 0),
    ("12", "13", 0),
    ("a\nb\n", "a\n", 1),
    ("a\n", "a\nb\n", 1),
    ("a\nb\nc\n", "a\nx\nc\n", 1),
    ("", "a\n", 0),
    ("a", "", 0),
]


@pytest.mark.parametrize(("expected", "printed"), SAME)
def test_same(expected: str, printed: str) -> None:
    assert first_difference(expected, printed) is None


@pytest.mark.parametrize(("expected", "printed"), SAME)
def test_strict_wants_the_same_letters(expected: str, printed: str) -> None:
    same = [one.rstrip() for one in expected.split("\n")] == [
        one.rstrip() for one in printed.split("\n")
    ]
    same = same or expected.rstrip("\n") == printed.rstrip("\n")
    assert (first_difference(expected, printed, strict=True) is None) == same


@pytest.mark.parametrize("strict", [False, True])
def test_an_address_in_memory_never_counts(strict: bool) -> None:
    one, other = "<AddBackward0 object at 0x7f82b0aa0>", "<AddBackward0 object at 0x55d0>"
    assert first_difference(one, other, strict) is None
    assert first_difference(one, other.replace("Add", "Mul"), strict) == 0


@pytest.mark.parametrize(("expected", "printed", "line"), DIFFERENT)
def test_different(expected: str, printed: str, line: int) -> None:
    assert first_difference(expected, printed) == line


SCALAR = "grad can be implicitly created only for scalar outputs"


@pytest.mark.parametrize(
    ("phrase", "message", "strict", "said"),
    [
        ("implicitly created", SCALAR, True, True),
        ("only implicitly created for scalar", SCALAR, False, True),
        ("only implicitly created for scalar", SCALAR, True, False),
        ("implicitly created only for vector", SCALAR, False, False),
        ("explicitly created", SCALAR, False, False),
        ("created implicitly", SCALAR, False, False),  # too short to tell
    ],
)
def test_a_phrase_may_be_worded_in_another_order(
    phrase: str, message: str, strict: bool, said: bool
) -> None:
    assert says(phrase, message, strict) is said


def test_messages_in_other_words() -> None:
    assert reworded(SCALAR, "grad can only be created implicitly for scalar outputs")
    assert not reworded(SCALAR, "element 0 of tensors does not require grad")
