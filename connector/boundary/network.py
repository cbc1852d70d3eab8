"""Which error a network exception of `requests` or `urllib3` is.

`requests` wraps urllib3's exceptions and urllib3 wraps its own, so the chain is opened before it is judged. Their texts
are not passed on: they hold addresses with query strings, and `requests` ones carry the signed request.
"""

from __future__ import annotations

import socket
import ssl

import requests.exceptions as rq
import urllib3.exceptions as u3

from connector.boundary.answer import TooLargeError
from connector.boundary.classify import LATER_REMEDY
from connector.errors import BadAddressError, BadAnswerError, ConnectorError, TrackerDownError

NETWORK = (rq.RequestException, u3.HTTPError, OSError)


def network_fault(raised: BaseException, *, method: str, path: str, answered: bool) -> ConnectorError:
    """Classify what a client library raised.

    `answered` tells whether this tracker has ever answered this connection: if it has, a refused connection or a name
    that does not resolve is an outage and worth another try; if it never has, the address is wrong.
    """
    chain = _chain(raised)
    judged = (row for row in _FAULTS if any(isinstance(link, row[0]) for link in chain))
    _, kind, what, remedy = next(judged, _LOST)
    if kind is _Unreachable:
        kind = TrackerDownError if answered else BadAddressError
    return kind(what, remedy=remedy, method=method, path=path)


class _Unreachable(ConnectorError):
    """A stand-in of the table below: an outage or a wrong address, by what was known before."""


# Judged from the top: a proxy's failure also holds a refused connection, which then is not the tracker's.
_FAULTS: tuple[tuple[tuple[type[BaseException], ...], type[ConnectorError], str, str], ...] = (
    (
        (
            rq.MissingSchema,
            rq.InvalidSchema,
            rq.InvalidURL,
            u3.LocationParseError,
            u3.LocationValueError,
            u3.URLSchemeUnknown,
        ),
        BadAddressError,
        "The address cannot be used",
        "Give it as https://host, with its context path if it has one",
    ),
    (
        (rq.SSLError, u3.SSLError, ssl.SSLError),
        BadAddressError,
        "The tracker's certificate was not accepted, or it does not speak TLS",
        "Set the CA bundle of your organisation on this connection, or correct the address",
    ),
    (
        (rq.ContentDecodingError, u3.DecodeError),
        BadAnswerError,
        "The tracker's answer could not be decompressed",
        LATER_REMEDY,
    ),
    (
        (TooLargeError,),
        BadAnswerError,
        "The tracker's answer is larger than any page of data",
        "Check that the address is the tracker's own",
    ),
    (
        (rq.ProxyError, u3.ProxyError),
        _Unreachable,
        "The proxy could not be reached, or refused",
        "Check the proxy of this connection",
    ),
    (
        (u3.NameResolutionError, socket.gaierror),
        _Unreachable,
        "The host name of the address is not known",
        "Check the spelling of the address",
    ),
    (
        (ConnectionRefusedError,),
        _Unreachable,
        "Nothing answers at the address",
        "Check the address and its port, and that the tracker is running",
    ),
    ((rq.Timeout, u3.TimeoutError, TimeoutError), TrackerDownError, "The tracker did not answer in time", LATER_REMEDY),
)

_LOST = ((BaseException,), TrackerDownError, "The connection to the tracker was lost", LATER_REMEDY)


def _chain(raised: BaseException) -> list[BaseException]:
    """The exception and all that it wraps, by cause, context, `reason` or first argument."""
    found: list[BaseException] = []
    waiting: list[object] = [raised]
    while waiting:
        link = waiting.pop()
        if isinstance(link, BaseException) and link not in found:
            found.append(link)
            waiting += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]
    return found
