"""Runs that are kept, and what they said before.

    kept        a run becomes two files of a folder, and the folder is asked for the last run of a period
    restated    what was reported then is held against today's, with the cause where they differ

No file is ever changed, and none is locked: each run has names of its own, and counts once its second file is there.
"""

from kpieval.history.kept import Kept, keep, newest, told_of
from kpieval.history.restated import compare

__all__ = ["Kept", "compare", "keep", "newest", "told_of"]
