"""numpy as lesson code may use it: an allowlisted world of functions, arrays and generators.

    from gradtui.arrays.guest import world

    interpreter = Interpreter(world(torch))       # torch, or gradtui.engine
    interpreter.run(Source("cell 1", "import numpy as np\\nprint(np.arange(3))"))

The arrays are numpy's own, so that they share memory with tensors as in torch. numpy joins a world
when a program first names it. `tables` say what may be reached; `values` what may be given to it;
`prices` what it costs; `functions`, `methods`, `draws` and `printing` stand between a lesson and
numpy. Nothing of numpy is imported before it is asked for.
"""
