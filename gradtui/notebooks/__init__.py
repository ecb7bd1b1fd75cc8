"""Lessons from notebooks and notebooks from lessons: nothing of either is ever handed to Python.

    imported = import_notebook(path, "my-lesson")   # gradtui.notebooks.importing
    imported.text, imported.notes                   # a lesson file, and what became of the rest
    export(loaded, "ipynb")                         # gradtui.notebooks.exporting: a file's text

A notebook that cannot be used raises `BadNotebook` with one line.
"""
