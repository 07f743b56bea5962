"""What the tests in an emulated machine share: the image that was built, and where their cards and logs lie."""

from pathlib import Path

import pytest

from firmware.tools import BUILD, require


@pytest.fixture(scope="session")
def image() -> Path:
    """Return the image that `make image` built."""
    require(tests=True)
    found = sorted(BUILD.glob("pi-companion-*-arm64.img"))
    if not found:
        pytest.fail(f"there is no image in {BUILD}: make image")
    return found[-1]


@pytest.fixture
def logs(request: pytest.FixtureRequest) -> Path:
    """Return a folder for the card and the console of one test; what it leaves stays until the next run."""
    folder = BUILD / "tests" / str(request.node.name)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
