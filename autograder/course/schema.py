"""A `YamlFile` against a pydantic model: every pydantic error becomes one `Problem` that an author understands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from autograder.course.problems import closest, described, listed, shortened
from autograder.course.yamlfile import KeyPath, YamlFile
from autograder.errors import Problem

Model = TypeVar("Model", bound=BaseModel)

_SHAPES = {
    "tuple_type": ("a list", "write `[first, second]`, or one item a line after `- `"),
    "list_type": ("a list", "write `[first, second]`, or one item a line after `- `"),
    "dict_type": ("a mapping", "write `key: value` pairs, indented below the key"),
    "model_type": ("a mapping", "write `key: value` pairs, indented below the key"),
    "model_attributes_type": ("a mapping", "write `key: value` pairs, indented below the key"),
}


def validate(file: YamlFile, model: type[Model], problems: list[Problem], at: KeyPath = ()) -> Model | None:
    """The data at a key path as `model`, or None; all that is wrong is appended to `problems`."""
    data: Any = file.data
    for part in at:
        data = data[part]
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults: list[Any] = error.errors(include_url=False)
        meant = {_meant(model, fault) for fault in faults if fault["type"] == "extra_forbidden"}
        for fault in faults:
            if fault["type"] == "missing" and fault["loc"] in meant:
                continue  # it is there, misspelt: one fault, one problem
            problem = _problem(file, model, fault, at)
            if problem is not None:
                problems.append(problem)
        return None


def _problem(file: YamlFile, model: type[BaseModel], fault: Any, at: KeyPath) -> Problem | None:
    """One pydantic error in words; None if the value at that place was refused before."""
    kind, last = fault["type"], fault["loc"][-1] if fault["loc"] else None
    path = _real_path(file, (*at, *fault["loc"]), keep_last=kind == "missing")
    if any(path[:length] in file.refused for length in range(len(path) + 1)):
        return None
    value = fault["input"]
    if kind == "too_short" and value:
        return None  # pydantic counts the right items only; the wrong ones have their own problems
    match kind:
        case "field":
            message, remedy = fault["msg"], fault["ctx"]["remedy"]
        case "missing":
            message, remedy = f"the key `{last}` is missing", _example(model, fault["loc"])
        case "extra_forbidden":
            message, remedy = f"unknown key `{shortened(str(last))}`", _known(model, fault["loc"])
        case "union_tag_invalid" | "union_tag_not_found":
            tags = " or ".join(f"`{tag}`" for tag in _tags(model, fault["loc"]))
            missing = kind == "union_tag_not_found"
            path = path if missing else (*path, "kind")
            message = "the key `kind` is missing" if missing else f"there is no kind “{shortened(fault['ctx']['tag'])}”"
            remedy = f"write `kind:` and {tags}"
        case "too_short":
            message, remedy = "must have at least one item", "add one"
        case _ if kind in _SHAPES:
            shape, remedy = _SHAPES[kind]
            message = f"must be {shape}, but is {described(value)}"
        case _:
            message, remedy = str(fault["msg"]), "correct this value"
    return file.problem(path, message, remedy)


def _real_path(file: YamlFile, loc: KeyPath, *, keep_last: bool) -> KeyPath:
    """The part of pydantic's location that is in the file: it also names the alternative of a tagged choice."""
    path: KeyPath = ()
    for number, part in enumerate(loc):
        if (*path, part) in file.lines or (keep_last and number == len(loc) - 1):
            path = (*path, part)
    return path


def _owner(model: type[BaseModel], loc: tuple[str | int, ...]) -> type[BaseModel]:
    """The model that holds the last key of a location."""
    candidates = [model]
    for part in loc[:-1]:
        if not isinstance(part, str):
            continue
        if part in candidates[0].model_fields:
            candidates = list(_models_in(candidates[0].model_fields[part].annotation)) or candidates
        else:
            candidates = [each for each in candidates if _tag(each) == part] or candidates
    return candidates[0]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _tag(model: type[BaseModel]) -> str | None:
    kind = model.model_fields.get("kind")
    return get_args(kind.annotation)[0] if kind is not None and get_args(kind.annotation) else None


def _tags(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The names of the alternatives of a tagged choice."""
    while isinstance(loc[-1], int):  # the items of a list
        loc = loc[:-1]
    annotation = _owner(model, loc).model_fields[loc[-1]].annotation
    return [tag for each in _models_in(annotation) if (tag := _tag(each)) is not None]


def _meant(model: type[BaseModel], fault: Any) -> tuple[str | int, ...]:
    """Where an unknown key would be if it were spelt right."""
    match = closest(str(fault["loc"][-1]), _owner(model, fault["loc"]).model_fields)
    return (*fault["loc"][:-1], match or "")


def _example(model: type[BaseModel], loc: tuple[str | int, ...]) -> str:
    name = str(loc[-1])
    examples = _owner(model, loc).model_fields[name].examples
    return f"add it, for example `{name}: {examples[0]}`" if examples else f"add `{name}:`"


def _known(model: type[BaseModel], loc: tuple[str | int, ...]) -> str:
    names = list(_owner(model, loc).model_fields)
    if ":" in str(loc[-1]):
        return "write a space after the colon"
    match = closest(str(loc[-1]), names)
    if match is not None:
        return f"did you mean `{match}`?"
    return f"remove it; the keys here are {listed(names)}"
