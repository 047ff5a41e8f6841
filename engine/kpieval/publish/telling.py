"""After the swap: each webhook is told what has changed since what it was told last, and that is remembered."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from kpieval.notify import body, message, send
from kpieval.problems import OutputError, Place, Problem
from kpieval.publish.lock import locked
from kpieval.publish.modes import Modes
from kpieval.publish.site import TOLD, Site

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kpieval.model.notify import Webhook
    from kpieval.publish.run import Run

_RESULT = "result.json"


def tell(folder: Path, front: Run, webhooks: Iterable[Webhook]) -> None:
    """Tell the webhooks of the run that is shown, each of them once.

    Raises OutputError with those that couldn't be told. They are told of everything since by the next call.
    """
    site = Site(folder, Modes.of(folder))
    problems: list[Problem] = []
    try:
        with locked(site.own / "telling", site.modes):
            for webhook in webhooks:
                trouble = _tell(site, front, webhook)
                if trouble:
                    problems.append(_problem(webhook, trouble))
    except OSError as error:
        text = f"What was told can't be remembered in `{folder}`: {error.strerror or error}."
        problems.append(Problem("error", "output-not-written", text, Place(str(folder)), "Make room or permit it."))
    if problems:
        raise OutputError(problems)


def _tell(site: Site, front: Run, webhook: Webhook) -> str | None:
    """What kept a webhook from being told, if anything did."""
    key = hashlib.sha256(f"{webhook.form} {webhook.url}".encode()).hexdigest()[:16]
    told = site.told()
    last = told.get(key)
    if last == front.name:
        return None
    before = _result(site, last) if last else None
    found = message(before, json.loads(site.read(front.name, _RESULT)), webhook)
    if webhook.on == "always" or found.changed:
        trouble = send(webhook.url, body(found, webhook.form))
        if trouble:
            return trouble
    with site.staging() as staging:
        staging.replace(TOLD, json.dumps({**told, key: front.name}, indent=1) + "\n", site.own)
    return None


def _result(site: Site, name: str) -> Any:  # noqa: ANN401 -- any JSON
    """The result of a run; None where it isn't kept any more."""
    try:
        return json.loads(site.read(name, _RESULT))
    except (FileNotFoundError, ValueError):
        return None


def _problem(webhook: Webhook, trouble: str) -> Problem:
    text = f"This webhook couldn't be told: {trouble}."
    hint = "The report is published. What this message would have said is told with the next publishing."
    return Problem("error", "webhook-not-told", text, webhook.place, hint)
