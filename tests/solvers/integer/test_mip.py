"""Branch and bound in floating point: what it cannot do is no plan and no error."""

import numpy as np
import pytest

from sharematch.core.integer.program import Draft
from sharematch.core.network.program import Source
from sharematch.solvers.integer import mip as linear
from sharematch.solvers.monitor import UNWATCHED


def test_a_solver_that_gives_up_has_no_answer(monkeypatch: pytest.MonkeyPatch):
    draft = Draft()
    variable = draft.variables(np.array([3, 3]))
    draft.row(Source("capacity"), variable, 1, most=4)
    rows = draft.finish()
    cost = np.array([-2, -1])
    known = linear.relax(rows, cost, UNWATCHED)
    assert known is not None
    assert known.values.tolist() == [3, 1]

    def gives_up(*_: object, **__: object) -> None:
        raise AttributeError

    monkeypatch.setattr("sharematch.solvers.integer.mip.bare.solve", gives_up)
    assert linear.relax(rows, cost, UNWATCHED) is None
