"""Every test's runtimes live below one directory of this run, and none outlives the run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from orion_nb.cli.local import stop
from orion_nb.local.place import ROOT_VARIABLE, places


@pytest.fixture(autouse=True, scope="session")
def runtimes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Kernels and scripts that tests start have detached runtimes, as users' have. Not below the
    user's own cache directory: a runtime of a project of theirs must not be found, nor stopped."""
    with pytest.MonkeyPatch.context() as patch:
        if ROOT_VARIABLE not in os.environ:
            patch.setenv(ROOT_VARIABLE, str(tmp_path_factory.mktemp("runtimes")))
        patch.setenv("ORION_IDLE_TIMEOUT", "300")  # should this process be killed
        yield
        assert stop(places(), force=True) == 0
