"""Ways to break two good lessons, each with what must be found and where; and harmless changes.

`doc` is the bundled lesson, `descent` the one in `good/`. A row is the text to replace (it stands
once in the file), the text put there, and the kind of finding wanted. The finding is wanted in the
first line that is changed, or else in the first line that holds `at`.
"""

from dataclasses import dataclass
from typing import Literal

from gradtui.check.kinds import Kind

Which = Literal["doc", "descent"]


@dataclass(frozen=True, slots=True)
class Change:
    """One edit of a good lesson; `kind` is None where nothing may be found."""

    lesson: Which
    old: str
    new: str
    kind: Kind | None = None
    at: str = ""

    def apply(self, text: str) -> str:
        assert text.count(self.old) == 1, (text.count(self.old), self.old)
        return text.replace(self.old, self.new)

    def line(self, text: str) -> int:
        """Where the finding is wanted."""
        changed = self.apply(text).splitlines()
        if self.at:
            return next(n for n, line in enumerate(changed, 1) if self.at in line)
        pairs = enumerate(zip(changed, text.splitlines(), strict=False), 1)
        return next((n for n, (new, old) in pairs if new != old), len(changed))


BREAKS: dict[str, Change] = {
    # The file.
    "an unknown key": Change("descent", "explain: |", "explian: |", "schema"),
    "a key that is missing": Change("doc", "minutes: 25\n", "minuts: 25\n", "schema"),
    "a key given twice": Change(
        "descent",
        "title: Walk back\n",
        "title: Walk back\n    title: Two!\n",
        "schema",
        "title: Two!",
    ),
    "a number that is a word": Change("doc", "minutes: 25", "minutes: many", "schema"),
    "an id with capitals": Change("descent", "- id: again", "- id: Again", "schema"),
    "a tab": Change("descent", "    title: Two weights", "\ttitle: Two weights", "schema"),
    "a format of the future": Change("descent", "format: 1", "format: 9", "schema"),
    "an anchor": Change("descent", "minutes: 10", "minutes: &m 10", "schema"),
    "prints without code": Change(
        "descent",
        "  - id: step\n",
        "  - {id: bare, title: Bare, say: No code., prints: x}\n  - id: step\n",
        "schema",
        "prints: x",
    ),
    "an unknown kind of question": Change("descent", "kind: order", "kind: sequence", "schema"),
    "a choice without choices": Change(
        "descent",
        "kind: none_or_zero",
        "kind: choice",
        "schema",
        "prompt: What is in `w.grad` now?",
    ),
    "a step id used twice": Change("descent", "  - id: again\n", "  - id: walk\n", "id"),
    "a what-if id used twice": Change("doc", "      - id: then-z\n", "      - id: call-it\n", "id"),
    "a was that is an id": Change(
        "descent", "  - id: step\n", "  - id: step\n    was: [walk]\n", "id", "was: [walk]"
    ),
    # The language.
    "code that does not parse": Change(
        "descent", "loss = (w * x).sum() ** 2", "loss = (w * x.sum() ** 2", "language"
    ),
    "a file opened": Change("doc", "y = x + 2  # a", "y = open('x')  # a", "language"),
    "an import of something else": Change(
        "doc", "      import torch\n", "      import os\n", "language"
    ),
    "a what-if that does not parse": Change("doc", "a = z.sum()", "a = z.sum(", "language"),
    "a check that does not parse": Change("descent", "- w.grad is None", "- w.grad is", "language"),
    "an answer that does not parse": Change(
        "descent", "answer: loss.detach()", "answer: loss.detach(", "language"
    ),
    "a statement for a check": Change("descent", "- w.grad is None", "- import torch", "language"),
    # What happens.
    "a wrong digit printed": Change(
        "doc", "[1.5866, 0.7959, 3.2125], g", "[1.5867, 0.7969, 3.2125], g", "prints"
    ),
    "a wrong sign printed": Change(
        "descent", "tensor([ -5.5000, -33", "tensor([ 5.5000, -33", "prints"
    ),
    "a wrong node printed": Change(
        "doc",
        "tensor(8.9804, grad_fn=<MeanBackward0>)",
        "tensor(8.9804, grad_fn=<SumBackward0>)",
        "prints",
    ),
    "a shape printed wrong": Change(
        "doc", "\n      tensor([6., 6., 6., 6.])", "\n      tensor([6., 6., 6.])", "prints"
    ),
    "a line printed too much": Change(
        "descent",
        "      print(x)\n",
        "      print(x)\n      print(rate)\n",
        "prints",
        "    checks:",
    ),
    "a line not printed": Change(
        "descent", "      print(loss.grad_fn.name())\n", "", "prints", "      PowBackward0"
    ),
    "another operation": Change(
        "doc", "z = 2*y**2\n      print", "z = 3*y**2\n      print", "prints", "[ 5.0344,"
    ),
    "a what-if that prints otherwise": Change(
        "descent", "tensor(5.5000, grad", "tensor(6.5000, grad", "prints"
    ),
    "requires_grad left out": Change(
        "descent", "-2.0], requires_grad=True)", "-2.0])", "prints", "tensor([ 1., -2.], requires"
    ),
    "an unexpected error": Change(
        "doc",
        "J = torch.eye(3) * (4 * y).detach()\n      print(J)",
        "J = torch.eye(4) * (4 * y).detach()\n      print(J)",
        "error",
    ),
    "a name misspelt in code": Change("doc", "a = z.mean()", "a = zz.mean()", "error"),
    "a raises that is gone": Change(
        "doc",
        "    raises: {type: RuntimeError, match: does not require grad and does not have a grad_fn}\n",
        "",
        "error",
        "      e.backward()\n".strip(),
    ),
    "a raises that does not happen": Change(
        "descent",
        'print("again")\n      loss.backward()',
        'print("again")\n      loss.detach()',
        "raises",
        "match: backward through",
    ),
    "a raises in another step": Change(
        "doc",
        "      z.backward(g)\n    raises: {type: RuntimeError, match: Trying",
        "      z.detach()\n    raises: {type: RuntimeError, match: Trying",
        "raises",
        "match: Trying",
    ),
    "another type of error": Change(
        "doc", "      type: TypeError\n", "      type: ValueError\n", "raises"
    ),
    "another message": Change(
        "descent",
        "match: backward through the graph a second time",
        "match: backward through the graph a third time",
        "raises",
    ),
    "a what-if that does not raise": Change(
        "doc",
        "raises: {type: RuntimeError, match: Specify retain_graph=True}",
        "raises: {type: RuntimeError, match: no such words here}",
        "raises",
    ),
    "a false check": Change("descent", "- w.grad is None", "- w.grad is not None", "check"),
    "a false check in a row": Change(
        "doc",
        "checks: [z.shape == x.shape, z.requires_grad]",
        "checks: [z.shape == x.shape, z.is_leaf]",
        "check",
    ),
    "a check of nothing": Change(
        "descent", "- w.is_leaf\n      - w.grad is", "- v.is_leaf\n      - w.grad is", "check"
    ),
    "an endless loop": Change("descent", "rate = 0.25", "while True: rate = 0.25", "limit"),
    "a tensor too large": Change("descent", "rate = 0.25", "rate = torch.zeros(10**11)", "limit"),
    "a budget too small": Change(
        "descent", "seed: 3\n", "seed: 3\nlimits: {statements: 5}\n", "limit", "      print(x)"
    ),
    # Draws.
    "a draw left over": Change(
        "descent", "draws: [[0.5, 3.0]]", "draws: [[0.5, 3.0], [1, 2]]", "draws"
    ),
    "a draw of another shape": Change(
        "descent", "draws: [[0.5, 3.0]]", "draws: [[0.5, 3.0, 1.0]]", "draws", "x = torch.randn(2)"
    ),
    "a draw too few": Change(
        "doc", "      - [0.118917, -0.559764, -2.738826]\n", "", "draws", "- [-0.802917"
    ),
    "another draw": Change(
        "doc",
        "[-0.096624, 1.528716, 1.139129]",
        "[-0.196624, 1.528716, 1.139129]",
        "prints",
        "tensor([-0.6132,  4.8666, 14.6377])",
    ),
    "a seed of its own": Change(
        "descent",
        "      x = torch.randn(2)\n",
        "      torch.seed()\n      x = torch.randn(2)\n      print(torch.randn(2))\n",
        "unstable",
        "print(torch.randn(2))",
    ),
    "a place in memory": Change("descent", "rate = 0.25", "rate = 0.25; print(id(w))", "error"),
    "an address printed": Change("descent", "print(x)\n", "print(id(x))\n", "unstable"),
    # What-ifs and exercises.
    "a what-if that is the original": Change(
        "descent",
        "loss = (w * x).sum().abs()\n          print(loss)",
        'loss = (w * x).sum() ** 2\n          print(f"{loss.item():.4f}")\n'
        "          print(loss.grad_fn.name())",
        "what_if",
        "        code: |",
    ),
    "a starter that passes": Change(
        "descent",
        "        w - rate * w.grad\n",
        "        with torch.no_grad(): w -= rate * w.grad\n",
        "exercise",
        "      starter: |",
    ),
    "a solution that fails": Change(
        "descent",
        "w -= rate * w.grad\n      checks",
        "w += rate * w.grad\n      checks",
        "exercise",
        "torch.allclose(w.detach()",
    ),
    "a solution that raises": Change(
        "descent",
        "w -= rate * w.grad\n      checks",
        "w -= rat * w.grad\n      checks",
        "exercise",
        "      solution: |",
    ),
    "a check no solution passes": Change(
        "descent", "torch.tensor([2.375, 6.25])", "torch.tensor([2.375, 6.5])", "exercise"
    ),
    # Questions.
    "an answer that does not compute": Change(
        "doc", "answer: x.grad[1]", "answer: x.grad[7]", "answer"
    ),
    "an order where nothing runs": Change(
        "doc",
        'kind: choice\n      answer: y.is_leaf\n      choices: ["True", "False"]',
        "kind: order",
        "answer",
        "prompt: Is `y` a leaf",
    ),
    "a mistake that is right": Change(
        "descent", "when: (w * x).sum().detach()", "when: (w * x).sum().detach() ** 2", "mistake"
    ),
    "a mistake that is right as a number": Change(
        "descent", "when: (w * x).sum().detach()", "when: loss.item()", "mistake"
    ),
    "a mistake about an error that is right": Change(
        "descent", "when: \"'TypeError'\"", "when: \"'RuntimeError'\"", "mistake"
    ),
    "a mistake about an order that is right": Change(
        "descent",
        "'AccumulateGrad, MulBackward0, SumBackward0, PowBackward0'",
        "'PowBackward0, SumBackward0, MulBackward0, AccumulateGrad'",
        "mistake",
    ),
    "a mistake that does not compute": Change(
        "doc", "when: (2 * y)[1]", "when: (2 * y)[5]", "mistake"
    ),
    "a mistake listed twice": Change(
        "doc", "- when: torch.tensor(81.0)", "- when: torch.tensor(3.0)", "mistake"
    ),
    "choices that coincide": Change(
        "descent",
        '        - "True"\n        - "False"\n      mistakes',
        '        - "True"\n        - not w.grad_fn\n      mistakes',
        "choice",
    ),
    "no choice that is right": Change(
        "descent",
        '        - "True"\n        - "False"\n      mistakes',
        '        - "1"\n        - "False"\n      mistakes',
        "choice",
        '        - "1"',
    ),
    "a hint with the answer's number": Change(
        "descent", "        - Add first.\n", "        - Add first; it is 30.25.\n", "hint"
    ),
    "hints in the wrong order": Change(
        "doc",
        "- Each walk brings 1 to each entry. What does the leaf do with it?\n",
        "- It becomes 2.\n",
        "hint",
    ),
    "a hint that quotes the answer": Change(
        "descent", "- Then multiply the sum by itself.", "- It is {{ loss.item() }}.", "hint"
    ),
    "a hint that names the error": Change(
        "descent", "- What had the power node saved?", "- It is a RuntimeError.", "hint"
    ),
    "a hint that names the choice": Change(
        "descent", "- Was the change recorded?", "- The answer is True.", "hint"
    ),
    "a hint that lists the nodes": Change(
        "descent",
        "- The last operation was the square.",
        "- PowBackward, SumBackward, then MulBackward.",
        "hint",
    ),
    "a hint that says None": Change(
        "descent", "- Has anything walked back yet?", "- It is None.", "hint"
    ),
    "a hint that is the solution": Change(
        "descent",
        "- There is a block under which nothing is recorded.",
        '- "`with torch.no_grad(): w -= rate * w.grad`"',
        "hint",
    ),
    # Prose.
    "a quote of nothing": Change(
        "doc",
        "arrived at the\n          leaf, {{ x.grad }}",
        "arrived at the\n          leaf, {{ x.gard }}",
        "quote",
    ),
    "a quote that is empty": Change(
        "doc", "`g @ J` gives {{ g @ J }}", "`g @ J` gives {{ }}", "quote"
    ),
    "a quote that is not closed": Change(
        "doc", "`g @ J` gives {{ g @ J }}", "`g @ J` gives {{ g @ J", "quote"
    ),
    "a quote of an unknown name": Change(
        "descent",
        "the second is {{ w[1].item():.1f }}",
        "the second is {{ v[1].item():.1f }}",
        "quote",
    ),
    "a span of an unknown name": Change(
        "doc",
        "Once more, the same call. The graph is still there and `g` is too.",
        "Once more, the same call. The graph is still there and `q` is too.",
        "name",
    ),
    "a span of an unknown attribute": Change(
        "doc",
        "and no axes is a **scalar**; `a.shape`",
        "and no axes is a **scalar**; `a.shapes`",
        "name",
    ),
    "a span of a node misspelt": Change(
        "doc", "`SumBackward0`. Its rule", "`SunBackward0`. Its rule", "name"
    ),
    "a span of a method misspelt": Change(
        "doc", "epoch `zero_()` fills", "epoch `zeroo_()` fills", "name"
    ),
    "a span of an option misspelt": Change(
        "doc", "`retain_graph=True` keeps", "`retain_graphs=True` keeps", "name"
    ),
    "a wrong number of a value": Change("descent", "`w[0]`, is 1.0", "`w[0]`, is 2.0", "number"),
    "a wrong list of numbers": Change(
        "descent", "`w.grad` is `[-5.5, -33.0]`", "`w.grad` is `[-5.5, -34.0]`", "number"
    ),
    "a wrong number of a what-if": Change("descent", "`loss` is 5.5.", "`loss` is 6.5.", "number"),
    "a wrong number printed": Change("descent", "`30.2500`, and", "`31.2500`, and", "number"),
    "a wrong result in plain words": Change(
        "descent", "is 30.25.\n    code", "is 31.25.\n    code", "number"
    ),
    "a link to no step": Change("descent", "(#weights)", "(#weight)", "link"),
    "a link to no file": Change("descent", "(#weights)", "(other-lesson.yaml)", "link"),
    "a link out of the pack": Change("descent", "(#weights)", "(../../secret.yaml)", "link"),
    "a link of no protocol": Change("descent", "(#weights)", "(javascript:alert)", "link"),
    "a prerequisite that is no lesson": Change(
        "descent", "- gradients-with-autograd", "- gradients-without-autograd", "link"
    ),
    "a term that is nowhere": Change(
        "descent", "- term: learning rate", "- term: momentum buffer", "term"
    ),
    "a term given twice": Change("doc", "- term: detach\n", "- term: leaf\n", "term"),
}

HARMLESS: dict[str, Change] = {
    "a last digit": Change("doc", "[1.5866, 0.7959, 3.2125], g", "[1.5867, 0.7958, 3.2125], g"),
    "the number of a node": Change(
        "doc", "tensor(8.9804, grad_fn=<MeanBackward0>)", "tensor(8.9804, grad_fn=<MeanBackward1>)"
    ),
    "a message in another order": Change(
        "descent",
        "match: backward through the graph a second time",
        "match: a second time backward through the graph",
    ),
    "a shorter phrase": Change(
        "doc", "match: implicitly created only for scalar", "match: implicitly created"
    ),
    "a comment": Change("descent", "rate = 0.25", "rate = 0.25  # a comment"),
    "a comment of the file": Change("descent", "seed: 3", "seed: 3  # any"),
    "another way to write it": Change(
        "doc", "z = 2*y**2\n      print", "z = 2 * y ** 2\n      print"
    ),
    "another title": Change("descent", "title: Walk back", "title: Walking back"),
    "another order of keys": Change(
        "descent",
        "raises: {type: RuntimeError, match: backward through the graph a second time}",
        "raises: {match: backward through the graph a second time, type: RuntimeError}",
    ),
    "quotes around a text": Change("descent", "title: One step", 'title: "One step"'),
    "a check of the same": Change("descent", "- w.grad is None", "- not w.grad"),
    "one hint fewer": Change("descent", "        - Was the change recorded?\n", ""),
    "one mistake fewer": Change(
        "descent", "        - when: \"'TypeError'\"\n          say: The types are fine.\n", ""
    ),
    "a term more": Change(
        "descent",
        "  - term: loss\n",
        "  - term: leaf\n    means: Where a walk ends.\n  - term: loss\n",
    ),
    "another sentence": Change(
        "descent", "Down we go.", "Down we go: if the rate were 10, `w` would be [56.0, 328.0]."
    ),
    "numbers that are not results": Change(
        "descent", "Down we go.", "Down we go in 1 of 2 ways; 3 are left, at 0.25 each."
    ),
    "a name of mathematics": Change(
        "descent",
        "Down we go.",
        "Down we go: `dL/dw` is a slope, `f(x)` a height, `w[i]` a weight.",
    ),
    "a name of torch": Change(
        "descent",
        "Down we go.",
        "`optimizer.step()` does it with `lr=0.1`, as `torch.compile` may.",
    ),
    "a value rounded": Change("descent", "`loss.item()` is 30.25", "`loss.item()` is 30.3"),
    "a link to the web": Change("descent", "(#weights)", "(https://pytorch.org/docs)"),
    "a was": Change("descent", "  - id: step\n", "  - id: step\n    was: [one-step]\n"),
    "a blank line more": Change("descent", "\n  - id: walk\n", "\n\n  - id: walk\n"),
    "a tighter budget": Change("descent", "seed: 3\n", "seed: 3\nlimits: {statements: 500}\n"),
    "another seed": Change("descent", "seed: 3", "seed: 4"),
    "prints in quotes": Change("descent", "    prints: |\n      again\n", '    prints: "again"\n'),
}
