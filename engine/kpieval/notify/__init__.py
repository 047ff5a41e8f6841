"""A published run becomes messages: one for each webhook, with all that has changed since its last one.

    changes   two results     -> what got worse, what got better, what is still poor and since when
    forms     a message       -> what Slack, Teams or a program of one's own wants to get
    posting   that            -> sent, with a few tries

What has been told is remembered by webhook beside what is published, so a message that couldn't be sent is not lost:
the next publishing tells of all since.
"""

from kpieval.notify.changes import Message, message
from kpieval.notify.forms import body
from kpieval.notify.posting import send

__all__ = ["Message", "body", "message", "send"]
