"""What every test wants: torch on one thread, as the oracle runs it and a forked process needs."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

torch.set_num_threads(1)
