"""A smallest set of rules that cannot be kept together: without any one of them, the rest can.

A deletion filter over the rules leaves a set of which every member is needed. Single rules and pairs that clash by
themselves are looked for too, so that a short story is told where there is one. Within the rules of the set the same
is done for whom their rows are about (a community, a type, a space).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from siteopt.program import Goal, Limits, Program, Rows
from siteopt.solve.backend import ROW_TOLERANCE, Backend, Stop
from siteopt.solve.slack import only
from siteopt.solve.strategy import quiet

TEST_S = 10.0
"""The most that one question "can these be kept together?" may take."""

MOST_RULES = 20
"""Pairs are looked at among so many rules at most."""

MOST_SUBJECTS = 400
"""Rows about more subjects than this (pairs of spaces) are taken as one: the rule, about nobody in particular."""

Subject = tuple[str, str]


class Clash:
    """Asks whether sets of rules can be kept together.

    Parameters
    ----------
    program : Program, infeasible
    backend : Backend
    limits : threads and seed; time is given to each question
    stop : when set, no more questions are asked
    """

    def __init__(self, program: Program, backend: Backend, limits: Limits, stop: Stop) -> None:
        self._program, self._backend, self._limits, self._stop = program, backend, limits, stop
        # Links and other rows that state logic are always kept, unless they belong to a rule: then they go with it.
        # A planner may call a rule of her own "coverage"; the links of that name are never left out.
        named = {b.owner for b in program.blocks if b.elastic or b.role == "place"}
        self._logic = [b for b in program.blocks if not _may_go(b, named)]
        self._rules = [b for b in program.blocks if _may_go(b, named)]
        self.owners = list(dict.fromkeys(b.owner for b in self._rules))
        self.giving = [o for o in self.owners if any(b.elastic for b in self._rules if b.owner == o)]
        self.sure = True  # False once a question was not answered in time

    def rules(self, suspects: Sequence[str], until: float) -> tuple[tuple[str, ...], bool]:
        """Rules that clash, and whether each is known to be needed.

        Parameters
        ----------
        suspects : rules known to clash with what cannot give; () when nothing is known
        until : of ``time.perf_counter``
        """
        keep = self.owners
        if suspects:
            fewer = [o for o in self.owners if o in suspects or o not in self.giving]
            keep = fewer if self._clash(fewer, until) else self.owners
        keep, sure = self._filtered(keep, until)
        if sure:
            keep = self._shorter(keep, until)
        return tuple(keep), sure

    def _filtered(self, owners: Sequence[str], until: float) -> tuple[list[str], bool]:
        """Leave out every rule without which the others still clash."""
        keep, self.sure = list(owners), True
        for owner in owners:
            if time.perf_counter() > until:
                return keep, False
            if self._clash([o for o in keep if o != owner], until):
                keep.remove(owner)
        return keep, self.sure

    def _shorter(self, found: list[str], until: float) -> list[str]:
        """One rule, or two, that clash by themselves, where the set found is longer."""
        fixed = [o for o in self.owners if o not in self.giving]
        for size in (0, 1, 2):
            if size >= len(found) or len(self.giving) > MOST_RULES:
                break
            for some in combinations(self.giving, size):
                if time.perf_counter() > until:
                    return found
                if self._clash([*some, *fixed], until):
                    shorter, sure = self._filtered([o for o in self.owners if o in some or o in fixed], until)
                    if sure and len(shorter) < len(found):
                        found = shorter
        return found

    def subjects(self, owners: Sequence[str], until: float) -> tuple[Subject, ...]:
        """The (rule, subject) pairs of a clash that are needed for it; () where that says no more than the rules."""
        chosen = [b for b in self._rules if b.owner in owners]
        parts: dict[Subject, list[Rows]] = {}
        for block in chosen:
            if not block.elastic:
                continue
            names = list(dict.fromkeys(block.subject))
            if not 0 < len(names) <= MOST_SUBJECTS:
                parts.setdefault((block.owner, ""), []).append(block)
                continue
            named = np.array(block.subject, dtype=object)
            for subject in names:
                parts.setdefault((block.owner, subject), []).append(only(block, named == subject))
        if len(parts) <= len({owner for owner, _ in parts}):
            return tuple(parts)
        fixed = [b for b in chosen if not b.elastic]
        self.sure = True

        def needed(given: list[Rows], added: bool, names: list[Subject]) -> list[Subject]:
            """Junker's QuickXplain: a few needed ones among many cost few questions."""
            if time.perf_counter() > until:
                self.sure = False
            if not self.sure or (added and self._clash_of(given, until)):
                return []
            if len(names) == 1:
                return names
            half = len(names) // 2
            first, second = names[:half], names[half:]
            of_second = needed([*given, *(b for n in first for b in parts[n])], True, second)
            of_first = needed([*given, *(b for n in of_second for b in parts[n])], bool(of_second), first)
            return [*of_first, *of_second]

        found = set(needed(fixed, False, list(parts)))
        return tuple(n for n in parts if n in found) if self.sure else ()

    def _clash(self, owners: Sequence[str], until: float) -> bool:
        return self._clash_of([b for b in self._rules if b.owner in owners], until)

    def _clash_of(self, blocks: Sequence[Rows], until: float) -> bool:
        """Whether no plan keeps these rows; an engine that cannot tell counts as no (the rule stays in the set)."""
        rows = [*self._logic, *blocks]
        n = len(self._program.columns)
        if not n:
            return any(
                b.lower.max(initial=-1.0) > ROW_TOLERANCE or b.upper.min(initial=1.0) < -ROW_TOLERANCE for b in rows
            )
        seconds = min(TEST_S, until - time.perf_counter())
        if seconds <= 0 or self._stop:
            self.sure = False
            return False
        goal = Goal("any", "min", np.zeros(n))
        trial = Program(self._program.columns, tuple(rows), (goal,))
        limits = replace(self._limits, time_limit_s=seconds)
        answer = self._backend.solve(trial, goal, (), limits=limits, start=None, report=quiet, stop=self._stop)
        if answer.status != "infeasible" and answer.x is None:
            self.sure = False
        return answer.status == "infeasible"


def _may_go(block: Rows, named: set[str]) -> bool:
    """Whether a block is a rule's, and is left out with it."""
    return block.elastic or (block.role != "link" and block.owner in named)
