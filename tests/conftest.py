"""What every test wants: torch on one thread, as the oracle runs it and a forked process needs."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import torch
from hypothesis import HealthCheck, settings

torch.set_num_threads(1)
settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # how fast a machine is, is no finding
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def a_learner_of_its_own(tmp_path_factory, monkeypatch):
    """No test reads or writes what the person who runs it has learnt, or chosen."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))


@pytest.fixture(autouse=True)
def flags_as_a_program_finds_them(monkeypatch):
    """Importing torch's own tests forbids the setting of `torch.backends` flags in this process."""
    names = torch.backends.flags_frozen.__globals__  # the module puts another in its own place
    monkeypatch.setitem(names, "__allow_nonbracketed_mutation_flag", True)
