"""Security headers on every answer, errors included."""

from __future__ import annotations

from flask import Flask, Response, request

from webapp import here
from webapp.assets import MARKED

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Bootstrap draws its form marks as data: images
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # Flask-WTF compares the referrer of changes made over https
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
STATIC_SECONDS = 365 * 24 * 3600


def _add(response: Response) -> Response:
    for name, value in ALWAYS.items():
        response.headers[name] = value
    if request.endpoint in MARKED and response.status_code in (200, 304):
        # The address of an asset carries a mark of its contents, so it can be kept for long.
        marked = "v" in request.args
        response.headers["Cache-Control"] = f"public, max-age={STATIC_SECONDS}, immutable" if marked else "no-cache"
    else:
        # Only pictures say otherwise: browsers keep them and ask whether they still count.
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure or here.settings().https:
        response.headers["Strict-Transport-Security"] = f"max-age={STATIC_SECONDS}"
    return response


def init_app(app: Flask) -> None:
    """Add the headers to every answer of the application."""
    app.after_request(_add)
