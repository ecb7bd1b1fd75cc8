"""Lessons and packs: their schema, where they are found, and the programs they become.

`load_lesson(path)` gives a `LoadedLesson` or raises `BadLesson` with every problem of the file,
each with its line and column. `programs.program(lesson)` is what either engine then runs.
"""
