"""Where the shipped declarations are: inside the installed package, else beside `engine/` in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def kpis() -> Path:
    """The shipped packs, one folder each."""
    return _folder("kpis")


def schemas() -> Path:
    """The JSON Schemas, one per kind of file."""
    return _folder("schemas")


def reports() -> Path:
    """The templates and style sheets of the report, and the catalogues of its languages."""
    return _folder("reports")


def checkout() -> Path | None:
    """The checkout that kpieval runs from, with all of this beside `engine/`; None where it is installed."""
    return None if (_PACKAGE / "kpis").is_dir() else _PACKAGE.parents[1]


def _folder(name: str) -> Path:
    return (checkout() or _PACKAGE) / name
