"""How long the channels wait here: a pause of a busy machine must not look like a platform that is silent."""

from __future__ import annotations

import pytest


@pytest.fixture
def patience() -> float:
    """Seconds a channel waits for an answer. Tests of a silent platform, and they alone, ask for less:
    `@pytest.mark.parametrize("patience", [0.3])`. Their platform does not answer at all (`Fault.silent`)."""
    return 30.0
