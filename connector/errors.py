"""What can go wrong with a tracker, grouped by what the caller must do.

    ConnectorError
    ├── AbortError              the whole run is pointless: stop, tell a person, do not retry
    │   ├── BadAddressError         the URL is wrong, unreachable by name, or no tracker answers there
    │   ├── BarredAddressError      the address is one that Sightline must not connect to
    │   ├── SignInError             401, captcha, revoked or expired token
    │   └── ScopeError              a rule of what to follow means nothing: not there, not to be seen, refused
    ├── RetryError              the same request may succeed later
    │   ├── RateLimitedError        429; `retry_after` seconds
    │   ├── TrackerDownError        5xx, dropped connection, time-out
    │   └── BadAnswerError          truncated JSON, an empty 200, JSON of another shape
    │       └── WebPageError            HTML for JSON, or a redirect to a page
    └── SkipError               this one thing cannot be had; go on with the rest
        ├── ForbiddenError          403 on one resource
        ├── MissingError            404: deleted or hidden
        ├── FeatureAbsentError      402, 405, 410 or a plan without the feature
        ├── StaleMarkError          the tracker does not reach back to a mark: read the slice whole
        └── RefusedError            400 and its kin: the tracker does not take the request as it was put

Every error carries the request it belongs to, never a header, a token or a response body.
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Base of every error the connector raises.

    `what` names the thing in a person's words, `remedy` says what to do about it; both are safe to show.
    """

    def __init__(
        self,
        what: str,
        *,
        remedy: str = "",
        method: str = "",
        path: str = "",
        status: int | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.method = method
        self.path = path
        self.status = status

    def __str__(self) -> str:
        where = f" [{self.method} {self.path}]" if self.path else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.what}{where}.{remedy}"


class AbortError(ConnectorError):
    """Nothing further can succeed on this connection until a person acts."""


class BadAddressError(AbortError):
    """No tracker of the expected kind answers at the address."""


class BarredAddressError(AbortError):
    """Sightline must not connect there, or not without TLS. Nothing was sent."""


class SignInError(AbortError):
    """The tracker refused the credentials. Never retried: repeated failures lock accounts."""


class ScopeError(AbortError):
    """A rule of what to follow names something that does not exist or cannot be seen, or a query that is refused."""


class RetryError(ConnectorError):
    """The request may be repeated, if it is safe to repeat."""


class RateLimitedError(RetryError):
    """The tracker asks for patience; `retry_after` is the wait in seconds it named, None if it named none."""

    def __init__(self, what: str, *, retry_after: float | None = None, **where: object) -> None:
        super().__init__(what, **where)  # type: ignore[arg-type]
        self.retry_after = retry_after


class TrackerDownError(RetryError):
    """The tracker, or the way to it, failed: 5xx, connection lost, time-out."""


class BadAnswerError(RetryError):
    """The tracker answered something that is not the JSON it promised."""


class WebPageError(BadAnswerError):
    """A person's web page came instead of data: a sign-in page, a proxy's, or a maintenance notice."""


class SkipError(ConnectorError):
    """One resource is out of reach; the rest of the stream goes on, and the gap is reported."""


class ForbiddenError(SkipError):
    """The account may not see this resource."""


class MissingError(SkipError):
    """The resource is gone, or hidden from this account: trackers do not say which."""


class FeatureAbsentError(SkipError):
    """The tracker's plan does not include this feature."""


class StaleMarkError(SkipError):
    """The tracker no longer knows what changed since a mark. Nothing is lost: the slice is read whole instead."""


class RefusedError(SkipError):
    """The tracker does not take the request as it was put: 400, 409, 413, 422.

    `reason` is what the tracker says against it, cleaned, "" where it is not read. It may name what was asked for: it
    is for whoever put the question, not for logs.
    """

    reason: str = ""
