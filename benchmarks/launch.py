"""Run a command, and print its seconds, its processor seconds and the most megabytes that it held.

A process of its own, and a small one: to Linux, a process has held at least what the one that started it did.
"""

import os
import subprocess
import sys
import time

start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
print(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
sys.exit(process.returncode)
