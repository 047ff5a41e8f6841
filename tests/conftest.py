"""What all tests share: `pytest --update` rewrites the expectations of the corpora in `tests/cases/`."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update`; the diff that it makes is read before it is committed."""
    parser.addoption("--update", action="store_true", help="rewrite what tests/cases/ expects")


@pytest.fixture(scope="session")
def update(pytestconfig: pytest.Config) -> bool:
    """Whether expectations are rewritten instead of compared."""
    return bool(pytestconfig.getoption("--update"))
