"""Makes the Flask application: settings in, an application with sign-in, headers, errors and pages out."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect

from webapp import (
    access,
    api,
    assets,
    attempts,
    cookies,
    doors,
    errors,
    freshness,
    headers,
    hosts,
    oidc,
    row_ids,
    signin,
    texts,
    waiting,
    words,
)
from webapp.pages import PAGES
from webapp.settings import WebSettings

LONGEST_SESSION = timedelta(days=7)
"""How long a cookie can be good for at most; how long the session is, `SignInRules` say."""
LARGEST_BODY = 1_000_000
LARGEST_FIELD = 500_000
"""Bytes of one field of a form that may carry files; no other form is larger than a body may be."""
MOST_FIELDS = 200


def create_app(settings: WebSettings) -> Flask:
    """The application. Raises `ValueError` on an empty secret key and `ZoneInfoNotFoundError` on an unknown zone."""
    if not settings.secret_key:
        raise ValueError("the web application needs a secret key to sign sessions")
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        BOOTSTRAP_SERVE_LOCAL=True,
        SESSION_COOKIE_NAME="sightline",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=LONGEST_SESSION,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_FIELD,
        MAX_FORM_PARTS=MOST_FIELDS,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_STORAGE_URI="memory://",
    )
    app.extensions["sightline"] = settings
    app.session_interface = cookies.SessionCookies()
    settings.zone  # noqa: B018 - an unknown zone must fail here, not on the first page
    hosts.init_app(app)
    texts.init_app(app)
    row_ids.init_app(app)
    Bootstrap5(app)
    protect = CSRFProtect(app)
    assets.init_app(app)
    headers.init_app(app)
    errors.init_app(app)
    signin.init_app(app)
    oidc.init_app(app)
    access.init_app(app)
    words.init_app(app)
    freshness.init_app(app)
    waiting.init_app(app)
    for page in PAGES:
        app.register_blueprint(page)
    doors.init_app(app, protect)
    api.init_app(app, protect)
    attempts.limit_attempts(app)
    return app
