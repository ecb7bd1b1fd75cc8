"""Writes fixtures/autograd-by-hand.ipynb: a notebook as one finds them, run once under torch.

python -m tests.notebooks.write_autograd_by_hand

It draws without a seed, plots with a library that is not here (those cells keep made-up outputs),
speaks to IPython, holds formulas, pictures, HTML and tables, and ends some cells in errors.
"""

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import v4

TARGET = Path(__file__).parent / "fixtures/autograd-by-hand.ipynb"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PLOT = [
    v4.new_output("execute_result", data={"text/plain": "[<matplotlib.lines.Line2D at 0x7f>]"}),
    v4.new_output("display_data", data={"image/png": PIXEL, "text/plain": "<Figure size 640x480>"}),
]
TIMING = [v4.new_output("stream", name="stdout", text="CPU times: user 2 ms\nWall time: 3 ms\n")]
WARNING = [v4.new_output("stream", name="stderr", text="\x1b[33mUserWarning\x1b[0m: old driver\n")]

CELLS: list[tuple[str, str] | tuple[str, str, list[Any]]] = [
    ("md", "# Autograd by hand\n\nA tour of automatic differentiation, *one line at a time*.\n\n"
           "![the chain rule](attachment:chain.png)"),
    ("md", "## Setup\n\nWe need [PyTorch](https://pytorch.org) and, for the plots, matplotlib. "
           "See [the last section](#Errors) for what can go wrong."),
    ("fake", "!pip install -q torch matplotlib", []),
    ("fake", "%matplotlib inline\nimport matplotlib.pyplot as plt\nimport numpy as np", WARNING),
    ("code", "import torch\nfrom torch import nn"),
    ("md", "## A leaf\n\nA tensor that we make ourselves is a **leaf**. With\n"
           "$$f(x) = \\sum_i x_i^2, \\qquad \\frac{{\\partial f}}{{\\partial x_i}} = 2x_i$$\n"
           "we know what to expect."),
    ("code", "x = torch.randn(3, requires_grad=True)\nprint(x)"),
    ("code", "x.is_leaf, x.grad"),
    ("code", "f = (x**2).sum()\nprint(f)\nf.backward()"),
    ("code", "x.grad"),
    ("md", "The gradient is `2 * x`, as promised:"),
    ("code", "torch.allclose(x.grad, 2 * x)"),
    ("fake", "plt.plot(x.detach().numpy(), x.grad.numpy())\nplt.xlabel('x')\nplt.show()", PLOT),
    ("md", "### What the graph holds\n\n<ul><li>each operation leaves a <b>node</b></li>"
           "<li>the node's name ends in <code>Backward0</code></li></ul>"),
    ("code", "print(f.grad_fn)\nprint(f.grad_fn.next_functions[0][0].name())"),
    ("md", "## A vector needs a vector\n\n| output | what to pass |\n|---|---|\n| scalar | nothing |"
           "\n| vector | `v` |"),
    ("code", "y = 3 * x\ny.backward()"),
    ("code", "v = torch.randn(3)\nx.grad = None\ny.backward(v)\nx.grad"),
    ("code", "v"),
    ("code", "# a second time\ny.backward(v)  # nothing saved: this works\nx.grad"),
    ("code", "z = (x**2).sum()\nz.backward()\nz.backward()"),
    ("md", "## Keeping out of the graph\n\nThree ways: `requires_grad_`, `detach`, `no_grad`."),
    ("code", "with torch.no_grad():\n    w = x * 2\nw.requires_grad"),
    ("code", "d = x.detach()\nprint(d.requires_grad, d.is_leaf)"),
    ("code", "d.sum().backward()"),
    ("md", "## Fitting a line\n\nNow with a seed, so that everybody sees the same numbers. "
           "The model is $y = wx + b$."),
    ("code", "torch.manual_seed(42)\nxs = torch.linspace(-1, 1, 20)\n"
             "ys = 2 * xs + 0.5 + 0.1 * torch.randn(20)\nprint(ys[:5])"),
    ("code", "model = nn.Linear(1, 1)\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
             "model"),
    ("code", "losses = []\nfor epoch in range(50):\n    optimizer.zero_grad()\n"
             "    loss = ((model(xs[:, None]).squeeze(1) - ys) ** 2).mean()\n    loss.backward()\n"
             "    optimizer.step()\n    losses.append(loss.item())\n    if epoch % 10 == 0:\n"
             "        print(f'epoch {epoch:2d}  loss {loss.item():.4f}')"),
    ("fake", "plt.plot(losses);", PLOT),
    ("code", "for name, parameter in model.named_parameters():\n    print(name, parameter.data)"),
    ("fake", "%%time\nfor _ in range(3):\n    model(xs[:, None])", TIMING),
    ("md", "## A function of our own"),
    ("code", "class Cube(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n"
             "        ctx.save_for_backward(x)\n        return x ** 3\n\n    @staticmethod\n"
             "    def backward(ctx, g):\n        (x,) = ctx.saved_tensors\n"
             "        return 3 * x ** 2 * g"),
    ("code", "t = torch.tensor([1.0, 2.0], requires_grad=True)\nCube.apply(t).sum().backward()\n"
             "t.grad"),
    ("code", "print(Cube.apply(t))"),
    ("md", "## Errors\n\nLast, an error that everybody meets: changing a leaf in place."),
    ("code", "t += 1"),
    ("fake", "with open('weights.txt', 'w') as file:\n    file.write(str(t))", []),
    ("md", "---\n\n*That is all.* Try `np.gradient` on your own data, or `my_own_helper(x)`."),
]  # fmt: skip


def notebook() -> Any:
    """The cells, run in order under torch; the made-up ones keep what they were given."""
    code = [cell[1] for cell in CELLS if cell[0] == "code"]
    ran = v4.new_notebook(cells=[v4.new_code_cell(source) for source in code])
    NotebookClient(ran, timeout=120, kernel_name="python3", allow_errors=True).execute()
    done = iter(ran.cells)
    made = [_cell(*cell, done=done) for cell in CELLS]
    for count, cell in enumerate((c for c in made if c.cell_type == "code"), 1):
        cell.execution_count = count
    for number, cell in enumerate(made):
        cell.id = f"cell-{number}"
        cell.metadata = {}
    return v4.new_notebook(cells=made, metadata={"language_info": {"name": "python"}})


def _cell(kind: str, source: str, outputs: list[Any] | None = None, done: Any = None) -> Any:
    if kind == "md":
        return v4.new_markdown_cell(source)
    if kind == "fake":
        return v4.new_code_cell(source, outputs=outputs)
    cell = next(done)
    for output in cell.outputs:
        if output.output_type == "error":  # in colour, and without the paths of this machine
            output.traceback = [f"\x1b[31m{output.ename}\x1b[39m: {output.evalue}"]
    return cell


if __name__ == "__main__":
    nbformat.write(notebook(), TARGET)
