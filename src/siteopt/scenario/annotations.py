"""What the schema expects at a place: found by walking the models' annotations along an error's path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

UNITS = (
    ("per_m2", " /m²"),
    ("_m2", " m²"),
    ("_kmh", " km/h"),
    ("_min", " min"),
    ("_s", " s"),
    ("_m", " m"),
)
"""The unit is in the name of a field; this is how it is written."""


class Step(NamedTuple):
    """One step of an error's path: a key or position of the file, or the name of a union's branch."""

    word: str | int
    is_branch: bool = False


def unit_of(field: str) -> str:
    """The unit that a field's name ends in, with the space before it; "" when it has none."""
    return next((unit for suffix, unit in UNITS if field.endswith(suffix)), "")


def expected_at(model: type[BaseModel], steps: Sequence[Step]) -> list[Any]:
    """The annotations that the schema may have at a place; a branch's name narrows them to the model it names."""
    here: list[Any] = [model]
    for step in steps:
        if step.is_branch:
            here = [a for a in here if getattr(a, "__name__", None) == step.word] or here
        else:
            here = [found for annotation in here for found in _down(annotation, step.word)]
    return here


def keys_of(annotations: Iterable[Any]) -> list[str]:
    """The keys that models among the annotations know, in their order."""
    keys: list[str] = []
    for annotation in annotations:
        if is_model(annotation):
            keys.extend(k for k in annotation.model_fields if k not in keys)
    return keys


def choices_of(annotations: Iterable[Any]) -> list[str]:
    """The words that literals among the annotations allow."""
    return [str(word) for a in annotations if get_origin(a) is Literal for word in get_args(a)]


def key_choices_of(annotations: Iterable[Any]) -> list[str]:
    """The words that mappings among the annotations allow as keys."""
    mappings = [a for a in annotations if get_origin(a) in (dict, Mapping)]
    return choices_of(opened for a in mappings for opened in opened_up(get_args(a)[0]))


def opened_up(annotation: Any) -> list[Any]:
    """An annotation without its wrappings: unions spread, ``Annotated`` and ``None`` taken off."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return opened_up(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [found for part in get_args(annotation) for found in opened_up(part)]
    return [] if annotation is NoneType else [annotation]


def is_model(annotation: Any) -> bool:
    """Whether an annotation is a pydantic model."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _down(annotation: Any, step: str | int) -> list[Any]:
    if is_model(annotation):
        field = annotation.model_fields.get(str(step))
        return opened_up(field.annotation) if field else []
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (dict, Mapping) and isinstance(step, str):
        return opened_up(args[1])
    if origin in (tuple, list, Sequence, set, frozenset) and isinstance(step, int):
        return opened_up(args[0])
    return []
