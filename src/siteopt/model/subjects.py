"""Whom a norm is about: places, types and people, in words and as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Literal

import numpy as np

from siteopt.units import Bools
from siteopt.world import World

Per = Literal["all", "community"]


def chosen(world: World, communities: Iterable[str] | None) -> list[int]:
    """Indices of the named communities, all when None; names that nobody knows are the check's affair."""
    named = None if communities is None else set(communities)
    return [k for k, c in enumerate(world.communities.community_id) if named is None or str(c) in named]


def places(
    world: World, per: Per, communities: Iterable[str] | None
) -> Iterator[tuple[str, list[int] | None, Bools]]:
    """(words, communities or None for everywhere, (J,) sites) of each place that is judged by itself."""
    if per == "community":
        for k in chosen(world, communities):
            yield str(world.communities.community_id[k]), [k], world.sites.community == k
    elif communities is not None:
        ks = chosen(world, communities)
        yield "", ks, np.isin(world.sites.community, ks)
    else:
        yield "", None, np.ones(len(world.sites), dtype=np.bool_)


def kinds_of(world: World, types: Sequence[str] | None, *, together: bool) -> Iterator[tuple[str, Bools]]:
    """(words, (T,) types) of what is counted: each type by itself, or all of them in one."""
    named = [t for t, name in enumerate(world.types.type_id) if types is None or name in types]
    if together:
        words = "" if types is None else " + ".join(world.types.type_id[t] for t in named)
        yield words, mask_of(world, named)
    else:
        for t in named:
            yield world.types.type_id[t], mask_of(world, [t])


def mask_of(world: World, types: Iterable[int]) -> Bools:
    """(T,) bool of the given types."""
    mask = np.zeros(len(world.types), dtype=np.bool_)
    mask[list(types)] = True
    return mask


def named_mask(world: World, types: Iterable[str] | None) -> Bools:
    """(T,) bool of the named types; all when None."""
    if types is None:
        return np.ones(len(world.types), dtype=np.bool_)
    wanted = set(types)
    return np.array([name in wanted for name in world.types.type_id], dtype=np.bool_)


def subject_of(label: str, place: str, kind: str) -> str:
    """Whom a line is about: "K1: pharmacy", "K1", "pharmacy", or the rule as a whole."""
    return ": ".join(word for word in (place, kind) if word) or label


def sites_in(world: World, per: Per, communities: Iterable[str] | None) -> Bools:
    """(J,) sites of all the places that are judged."""
    each = [sites for _, _, sites in places(world, per, communities)]
    return np.any(each, axis=0) if each else np.zeros(len(world.sites), dtype=np.bool_)


def people_in(world: World, communities: list[int] | None) -> Fraction:
    """Residents, to a millionth of a person (head counts may be fractional in a raster)."""
    residents = world.cells.residents
    inside = residents if communities is None else residents[np.isin(world.cells.community, communities)]
    return Fraction(round(float(inside.sum()) * 10**6), 10**6)
