"""`notify:` -> the webhooks that are told of published runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args
from urllib.parse import urlsplit

from kpieval.model import ORGANISATION
from kpieval.model.notify import Form, Occasion, Webhook
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.build.levels import Hierarchy
    from kpieval.build.node import Node
    from kpieval.model import Kpi

_HERE = ("localhost", "127.0.0.1", "::1")


def webhooks(project: Node, hierarchy: Hierarchy, kpis: Mapping[str, Kpi]) -> tuple[Webhook, ...]:
    """The webhooks of a project, with what is wrong noted."""
    found = (_webhook(node, hierarchy, kpis) for node in project.elements("notify"))
    return tuple(each for each in found if each is not None)


def _webhook(node: Node, hierarchy: Hierarchy, kpis: Mapping[str, Kpi]) -> Webhook | None:
    url, form = node.text("url"), node.choice("form", get_args(Form))
    if url is None or form is None:
        return None
    _check_address(node, "url", url, secret=True)
    link = node.text("link")
    if link is not None:
        _check_address(node, "link", link, secret=False)
    for element in node.elements("levels"):
        level = element.text()
        if level is not None and level != ORGANISATION and level not in hierarchy:
            element.error("unknown-level", f"There is no level `{level}`.", hint=hierarchy.nearest(level))
    known = {band.name for kpi in kpis.values() for band in kpi.bands}
    for element in node.elements("statuses"):
        status = element.text()
        if status is not None and status not in known:
            message = f"No KPI can have the status `{status}`."
            element.error("unknown-status", message, hint=did_you_mean(status, known))
    return Webhook(
        url=url,
        form=cast("Form", form),
        place=node.place,
        on=cast("Occasion", node.choice("on", get_args(Occasion)) or "change"),
        levels=node.texts("levels") or (ORGANISATION,),
        statuses=node.texts("statuses"),
        link=link,
    )


def _check_address(node: Node, key: str, address: str, *, secret: bool) -> None:
    """Note what is no address that a message may go to, or a reader be led to. A `secret` one isn't repeated."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = None, None
    plain = address.isascii() and address.isprintable() and " " not in address
    if parts is None or not host or not plain or parts.scheme not in {"http", "https"}:
        shown = "This" if secret else f"`{address}`"
        hint = "Write https://HOST/PATH." if not secret else "Write https://HOST/PATH, best as `${env:NAME}`."
        node.error("wrong-address", f"{shown} is no address of the web.", key, hint=hint)
    elif secret and parts.scheme != "https" and host not in _HERE:
        message = "Whoever is on the way could read a message that isn't sent by https."
        node.error("wrong-address", message, key, hint="Write https, or name this machine: http://localhost.")
