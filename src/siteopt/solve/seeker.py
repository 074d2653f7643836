"""The local search on the second core: it seeks plans while bounds are sought; each tells the other what it finds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from siteopt.solve.background import Background
from siteopt.solve.cover import CoverForm
from siteopt.solve.search import GRACE_S, Search
from siteopt.solve.search_tables import tables
from siteopt.units import Bools, Floats

FIRST_ROUND_S, LONGEST_ROUND_S, LONGEST_REST_S = 0.5, 15.0, 2.0


class Seeker:
    """A search that runs by itself in rounds that grow, until it is ended.

    Attributes
    ----------
    best : (N,) the best plan known, whoever found it; None before there is one
    value : what it is worth
    alike : a plan is a matter of how many options open, each as dear as another
    """

    def __init__(self, form: CoverForm, *, seed: int, start: Bools | None, stop: Callable[[], bool]) -> None:
        self.form = form
        self.alike = tables(form).alike
        self.best: Bools | None = None
        self.value = float("-inf")
        self._lock = threading.Lock()
        self._guide: tuple[Floats, Floats] | None = None
        self._told: tuple[Floats, Floats] | None = None
        self._own: Search | None = None
        self._ended = threading.Event()
        self._stop = stop
        self._job = Background(lambda: self._seek(seed, start))
        if start is not None:
            self.offer(start)

    def begin(self) -> None:
        """Start the search in a thread of its own."""
        self._job.begin()

    def alone(self, seconds: float, seed: int) -> None:
        """Search in this thread for some seconds, where there is one core only."""
        until = time.perf_counter() + seconds

        def over() -> bool:
            return self._stop() or time.perf_counter() > until

        if self._own is None:
            self._own = Search(self.form, seed=seed)
        if self._prepared(self._own, over):
            self._round(self._own, max(0.0, until - time.perf_counter()), self._stop)

    def afresh(self, seconds: float, seed: int) -> Bools | None:
        """The best plan of a search that knows of no other, in this thread; None when there is none.

        Plans found apart differ, and what is good of each is more than what is good of the best.
        """
        began, search = time.perf_counter(), Search(self.form, seed=seed)
        search.start(stop=self._stop, grace_s=self._grace_s())
        search.run(max(0.0, seconds - (time.perf_counter() - began)), stop=self._stop)
        if search.best is not None:
            self.offer(search.best)
        return search.best

    def guide(self, score: Floats, prices: Floats) -> None:
        """Tell what a relaxed answer opens, and its prices of rows."""
        with self._lock:
            self._guide = (score, prices)

    def offer(self, opened: Bools) -> bool:
        """A plan from elsewhere; kept when it keeps every row and is better."""
        value = self.form.value(opened)
        if value <= self.value or self.form.violation(opened) > 1e-6:
            return False
        with self._lock:
            if value <= self.value:
                return False
            self.best, self.value = opened.copy(), value
        return True

    def end(self) -> None:
        """End the search and wait for it; re-raise what went wrong in it."""
        self._ended.set()
        self._job.wait()
        self._job.raise_failure()

    def _grace_s(self) -> float:
        """A first plan may take its time; where one is known, the clock and Ctrl-C are the clock and Ctrl-C."""
        return GRACE_S if self.best is None else 0.0

    def _over(self) -> bool:
        return self._ended.is_set() or self._stop()

    def _seek(self, seed: int, start: Bools | None) -> None:
        search = Search(self.form, seed=seed)
        search.start(start, stop=self._over, grace_s=self._grace_s())
        if search.best is not None:
            self.offer(search.best)
        length, no_plan = FIRST_ROUND_S, 0
        while not self._over():
            if not self._prepared(search, self._over):
                no_plan += 1
                self._ended.wait(min(0.2 * no_plan, LONGEST_REST_S))
                continue
            self._round(search, length, self._over)
            length = min(2 * length, LONGEST_ROUND_S)

    def _prepared(self, search: Search, stop: Callable[[], bool]) -> bool:
        """Tell a search what others have found by now; whether it has a plan to begin with."""
        with self._lock:
            guide, best = self._guide, self.best
        if guide is not None and guide is not self._told:
            search.guide(score=guide[0], prices=guide[1])
            self._told = guide
        if best is None:
            return search.start(stop=stop)
        search.offer(best)
        return True

    def _round(self, search: Search, seconds: float, stop: Callable[[], bool]) -> None:
        """One round, and the plan that came of it."""
        search.run(seconds, stop=stop)
        if search.best is not None:
            self.offer(search.best)
