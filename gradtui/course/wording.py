"""What does not fit a model, in the words of a lesson's author, at the place in the file."""

from gradtui.course.filling import MISSING, UNKNOWN, Misfit, keys
from gradtui.course.problems import Position
from gradtui.course.schema import Model
from gradtui.course.yaml_nodes import Path, Positions, nearest


def say(model: type[Model], misfit: Misfit, positions: Positions) -> tuple[Position, str]:
    """Where one misfit stands, and how to say it and mend it."""
    path, words = misfit
    if words == MISSING:
        return positions.at(path[:-1]), _missing(model, path)
    if words == UNKNOWN:
        return positions.key(path), _unknown(model, path)
    return positions.at(path), f"{_name(path)} {words}"


def _name(path: Path) -> str:
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return "the file"
    if path and isinstance(path[-1], int):
        return f"item {path[-1] + 1} of `{names[-1]}`"
    return f"`{names[-1]}`"


def _missing(model: type[Model], path: Path) -> str:
    key = str(path[-1])
    what = keys(_model_at(model, path[:-1]))[key].description
    return f"`{key}` is missing: add it. {what}".rstrip()


def _unknown(model: type[Model], path: Path) -> str:
    known = list(keys(_model_at(model, path[:-1])))
    close = nearest(str(path[-1]), known)
    if close:
        return f"unknown key `{path[-1]}`: did you mean `{close}`?"
    return f"unknown key `{path[-1]}`: the keys here are {', '.join(known)}"


def _model_at(model: type[Model], path: Path) -> type[Model]:
    for part in path:
        if isinstance(part, str):
            inner = keys(model)[part].model
            assert inner is not None
            model = inner
    return model
