"""The examples of torch's docstrings print the same over the engine, where it has the names."""

import pytest
from docstrings import UNKNOWN, Entry, chosen, compared


@pytest.mark.parametrize("entry", chosen(), ids=lambda entry: entry.name)
def test_prints_what_torch_prints(entry: Entry) -> None:
    if entry.name in UNKNOWN:
        pytest.skip(UNKNOWN[entry.name])
    wrong = [shown for shown in compared(entry) if shown.verdict == "differs"]
    assert not wrong, "\n".join(f">>> {s.source}{s.ours}torch:\n{s.theirs}" for s in wrong)
