"""A body is posted to a URL that nobody gets to see, whatever goes wrong."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PAUSES: Sequence[float] = (1.0, 4.0)
"""Seconds before each further try."""

LONGEST_PAUSE = 20.0
"""So long is waited where the receiver asks for it."""

TIMEOUT = 10.0

_TOO_MANY, _SERVER = 429, 500


class _Nowhere(urllib.request.HTTPRedirectHandler):
    """A message goes where it was meant to go, or nowhere."""

    def redirect_request(self, *_: object) -> None:
        """There is no request to follow with."""


def send(url: str, body: bytes, pauses: Sequence[float] | None = None) -> str | None:
    """Post JSON. What went wrong, in words that don't hold the URL; None where the receiver took it."""
    trouble, asked = "", 0.0
    for pause in (0.0, *(PAUSES if pauses is None else pauses)):
        time.sleep(max(pause, asked) if trouble else 0.0)
        trouble, again, asked = _try(url, body)
        if not trouble:
            return None
        if not again:
            break
    return trouble


def _try(url: str, body: bytes) -> tuple[str, bool, float]:
    """What went wrong, whether it is worth another try, and how long the receiver asks to wait."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json; charset=utf-8"})  # noqa: S310, `build` has checked it
    try:
        with urllib.request.build_opener(_Nowhere).open(request, timeout=TIMEOUT):
            return "", False, 0.0
    except urllib.error.HTTPError as error:
        error.close()
        again = error.code == _TOO_MANY or error.code >= _SERVER
        return f"it answered with status {error.code}", again, _seconds(error.headers.get("Retry-After"))
    except TimeoutError:
        return f"it didn't answer within {TIMEOUT:.0f} seconds", True, 0.0
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            return f"it can't be reached within {TIMEOUT:.0f} seconds", True, 0.0
        why = error.reason.strerror if isinstance(error.reason, OSError) else None
        return f"it can't be reached{f': {why}' if why else ''}", True, 0.0
    except (http.client.HTTPException, OSError, ValueError) as error:  # their own words may repeat the URL
        return f"the connection failed ({type(error).__name__})", True, 0.0


def _seconds(asked: str | None) -> float:
    return min(float(asked), LONGEST_PAUSE) if asked and asked.isdecimal() else 0.0
