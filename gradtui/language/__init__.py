"""The lesson language: ordinary PyTorch code, interpreted over a world of allowed names.

    from gradtui.language.interpreter import Interpreter
    from gradtui.language.source import Source
    from gradtui.language.world import World

    interpreter = Interpreter(World.over(torch))
    interpreter.run(Source("cell 1", "x = torch.ones(3)"))

`checker` says what is refused, `compiler` and the modules of its tables turn syntax into closures,
`attributes`, `guards` and `methods` stand between a lesson and the engine, `budget` counts.
"""
