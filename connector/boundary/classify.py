"""Which error an HTTP answer is. Pure; reads status, headers and the first bytes, keeps none of them."""

from __future__ import annotations

from datetime import UTC, datetime

from connector.boundary.answer import Answer
from connector.boundary.patience import named_wait
from connector.boundary.told import quota_wait
from connector.errors import (
    BadAnswerError,
    ConnectorError,
    FeatureAbsentError,
    ForbiddenError,
    MissingError,
    RateLimitedError,
    RefusedError,
    SignInError,
    TrackerDownError,
    WebPageError,
)

PAGE_REMEDY = "Check that the address is the tracker's own and that no sign-in page or proxy stands before it"
LATER_REMEDY = "Try again in a few minutes; if it goes on, ask whoever looks after the tracker or the proxy before it"
SLOWER_REMEDY = "Try again in a few minutes; if it goes on, limit the requests per minute of this connection"
LONGEST_TOLD_S = 365 * 86_400.0
SIGN_IN_REMEDY = "Check the account and the token of this connection, then try again"


def fault(answer: Answer, *, method: str, path: str, now: float) -> ConnectorError | None:
    """The error this answer stands for, or None when its body is worth decoding.

    A 2xx answer with an empty body or a web page in it is a `BadAnswerError` too. 304 and other 3xx are: no request of
    ours is meant to be redirected, and a redirect to a sign-in page must not be followed with credentials.
    """
    status = answer.status
    if 200 <= status < 300:
        return _bad_body(answer, method, path)
    if status == 429:
        named = named_wait(answer.header("Retry-After"), answer.header("Date"), now)
        pause = quota_wait(answer, now) if named is None else named
        return throttling(pause, method=method, path=path, now=now, status=status)
    if status in (401, 407) or (status == 403 and _locked_out(answer)):
        return _sign_in(answer, method, path)
    if status >= 500 or status in (408, 425):
        what = f"The tracker failed with status {status}"
        return TrackerDownError(what, method=method, path=path, status=status, remedy=LATER_REMEDY)
    if 300 <= status < 400:
        what = "The tracker redirected instead of answering"
        return WebPageError(what, method=method, path=path, status=status, remedy=PAGE_REMEDY)
    kind, what, remedy = _REFUSALS.get(status, _REFUSALS[400])
    return kind(what, method=method, path=path, status=status, remedy=remedy)


def throttling(
    pause: float | None, *, method: str, path: str, now: float, status: int | None = None
) -> RateLimitedError:
    """The error for a tracker that asks for `pause` seconds of patience, None if it names none."""
    return RateLimitedError(
        "The tracker is throttling this account",
        retry_after=pause,
        remedy=f"Try again after {_minute_after(now, pause)}" if pause else SLOWER_REMEDY,
        method=method,
        path=path,
        status=status,
    )


def is_web_page(answer: Answer) -> bool:
    """Whether a person's web page came instead of data."""
    return "html" in answer.header("Content-Type").lower() or answer.body[:256].lstrip().startswith(b"<")


_REFUSALS: dict[int, tuple[type[ConnectorError], str, str]] = {
    400: (RefusedError, "The tracker refused the request as it was put", ""),
    402: (FeatureAbsentError, "The tracker's plan does not include this", ""),
    403: (ForbiddenError, "The account may not see this", "Give the account access, or leave it out of the scope"),
    404: (MissingError, "This does not exist, or the account may not see it", ""),
    405: (FeatureAbsentError, "The tracker does not have this call", ""),
    410: (FeatureAbsentError, "The tracker has removed this call", ""),
    451: (ForbiddenError, "The tracker may not show this", ""),
    501: (FeatureAbsentError, "The tracker does not have this call", ""),
}


def _bad_body(answer: Answer, method: str, path: str) -> ConnectorError | None:
    # Jira Data Center answers 200 as an anonymous visitor when it did not accept the credentials.
    if "AUTHENTICATED_FAILED" in answer.header("X-Seraph-LoginReason"):
        return _sign_in(answer, method, path)
    if not answer.body.strip():
        what = "The tracker answered with nothing"
        return BadAnswerError(what, method=method, path=path, status=answer.status, remedy=LATER_REMEDY)
    if is_web_page(answer):
        what = "The tracker answered with a web page instead of data"
        return WebPageError(what, method=method, path=path, status=answer.status, remedy=PAGE_REMEDY)
    return None


def _minute_after(now: float, pause: float) -> str:
    """The first whole minute after the pause, in UTC; a pause no calendar holds is told as a year."""
    end = now + min(pause, LONGEST_TOLD_S)
    return f"{datetime.fromtimestamp(end + -end % 60, UTC):%Y-%m-%dT%H:%MZ}"


def _locked_out(answer: Answer) -> bool:
    return (
        "CAPTCHA" in answer.header("X-Authentication-Denied-Reason").upper()
        or "AUTHENTICATION_DENIED" in answer.header("X-Seraph-LoginReason").upper()
    )


def _sign_in(answer: Answer, method: str, path: str) -> SignInError:
    if _locked_out(answer):
        return SignInError(
            "The tracker wants a captcha solved before it accepts this account again",
            method=method,
            path=path,
            status=answer.status,
            remedy="Sign in once in a browser with this account, then try again",
        )
    if answer.status == 407:
        what = "The proxy did not accept our credentials"
    else:
        what = "The tracker did not accept the credentials"
    return SignInError(what, method=method, path=path, status=answer.status, remedy=SIGN_IN_REMEDY)
