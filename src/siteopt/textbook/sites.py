"""Which sites may open, must open or stand already, and what limits the choice: a number of sites, money."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from siteopt.textbook.arrays import BadArrays, amount, chosen, count, loosened, numbers
from siteopt.units import Bools, Floats

Which = Any
"""A boolean mask (J,), whole column numbers, or nothing."""

Reason = tuple[str, dict[str, Any]]
"""A sentence's key and its facts."""


@dataclass(frozen=True, eq=False)
class Sites:
    """J candidate sites.

    Attributes
    ----------
    required : (J,) must open; counts in ``p`` and ``budget``
    forbidden : (J,) must not open
    existing : (J,) stands already: open whatever happens, free of charge, not counted in ``p``
    cost : (J,) ones when the caller gave none (``priced`` False)
    p, budget : at most so many, so much; None is no limit
    """

    required: Bools
    forbidden: Bools
    existing: Bools
    cost: Floats
    priced: bool
    p: int | None
    budget: float | None

    def __len__(self) -> int:
        return len(self.cost)

    @cached_property
    def fixed(self) -> Bools:
        """(J,) open in every plan."""
        return self.required | self.existing

    @cached_property
    def free(self) -> Bools:
        """(J,) to be decided."""
        return ~(self.fixed | self.forbidden)

    @property
    def p_left(self) -> int | None:
        """How many more than the required ones may open."""
        return None if self.p is None else self.p - int(self.required.sum())

    @property
    def budget_left(self) -> float | None:
        """What is left when the required ones are paid, with room for float noise."""
        return None if self.budget is None else loosened(self.budget) - float(self.cost[self.required].sum())

    def paid(self, opened: Bools) -> float:
        """The cost of a plan."""
        return float(self.cost[opened & ~self.existing].sum())

    def new(self, opened: Bools) -> int:
        """How many sites a plan opens."""
        return int((opened & ~self.existing).sum())

    def clash(self) -> Reason | None:
        """Why no plan can exist whatever the matrix says, or None."""
        n, money = int(self.required.sum()), float(self.cost[self.required].sum())
        if self.p is not None and n > self.p:
            return "required_above_p", {"required": n, "p": self.p}
        if self.budget is not None and money > loosened(self.budget):
            return "required_above_budget", {"required": money, "budget": self.budget}
        return None

    def breaks(self, opened: Bools) -> bool:
        """Whether a plan leaves these rules (float noise aside); for the audit."""
        over_p = self.p is not None and self.new(opened) > self.p
        room = 1e-8 * float(self.cost.max(initial=0.0))
        over = self.budget is not None and self.paid(opened) > loosened(self.budget) + room
        return bool(over_p or over or (opened & self.forbidden).any() or (self.fixed & ~opened).any())


def read_sites(
    n: int,
    *,
    required: Which = (),
    forbidden: Which = (),
    existing: Which = (),
    p: Any = None,
    budget: Any = None,
    cost: Any = None,
    limited: bool = False,
) -> Sites:
    """The caller's sites, checked.

    Parameters
    ----------
    n : J
    limited : one of ``p`` and ``budget`` must be given

    Raises
    ------
    BadArrays
    """
    marks = {
        name: chosen(name, given, n)
        for name, given in (("required", required), ("forbidden", forbidden), ("existing", existing))
    }
    for one, other in (("required", "forbidden"), ("existing", "forbidden"), ("existing", "required")):
        both = marks[one] & marks[other]
        if both.any():
            raise BadArrays("site_in_two", argument=one, other=other, value=int(np.flatnonzero(both)[0]))
    if limited and p is None and budget is None:
        raise BadArrays("no_limit")
    if budget is not None and cost is None:
        raise BadArrays("budget_without_cost")
    return Sites(
        **marks,
        cost=np.ones(n) if cost is None else numbers("cost", cost, n, of="columns"),
        priced=cost is not None,
        p=None if p is None else count("p", p),
        budget=None if budget is None else amount("budget", budget),
    )
