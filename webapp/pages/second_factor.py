"""One's own second factor: set up, confirmed, turned off."""

from __future__ import annotations

from textwrap import wrap

import segno
from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import Length

from connector.settings import Secret
from webapp import here, signin
from webapp.accounts import passwords, second_factor, users
from webapp.accounts.users import User

page = Blueprint("second_factor", __name__, url_prefix="/account/second-factor")
GROUP = 4
"""Letters of the secret that stand together, for whoever types it."""


class ProofForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """The present password, a code, or both."""

    password = PasswordField(validators=[Length(max=passwords.LONGEST_PASSWORD)])
    code = StringField(validators=[Length(max=second_factor.LONGEST_CODE)])


def _user() -> User:
    """The signed-in user. Those whom another proves have no second factor here: 404."""
    user = signin.current()
    if user is None or user.origin != users.LOCAL.origin:
        abort(404)
    return user


def _picture(address: Secret) -> str:
    """The address as a QR code, in a `data:` address."""
    return segno.make(address.reveal(), error="m").svg_data_uri(scale=5, dark="#000", light="#fff")


def _refused(template: str, form: ProofForm) -> ResponseReturnValue:
    return render_template(template, form=form, refused=True), signin.REFUSED


@page.get("")
def show() -> ResponseReturnValue:
    """How it stands, and the form for the next step."""
    template = "second_factor_on.html" if _user().second_factor else "second_factor_begin.html"
    return render_template(template, form=ProofForm(), refused=False)


@page.post("/begin")
def begin() -> ResponseReturnValue:
    """Make a secret and show it, this once."""
    form, user = ProofForm(), _user()
    if not (form.validate_on_submit() and passwords.is_password(here.engine(), user, form.password.data or "")):
        return _refused("second_factor_begin.html", form)
    secret = second_factor.begin(here.engine(), here.secrets(), user)
    if secret is None:
        return redirect(url_for("second_factor.show"))
    return render_template(
        "second_factor_confirm.html",
        form=form,
        refused=False,
        secret=" ".join(wrap(secret.reveal(), GROUP)),
        picture=_picture(second_factor.address(user, secret)),
    )


@page.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Turn it on with a first code; every session but this ends."""
    form, user = ProofForm(), _user()
    if user.second_factor:
        return redirect(url_for("second_factor.show"))
    changed = None
    if form.validate_on_submit():
        code = form.code.data or ""
        changed = second_factor.turn_on(here.engine(), here.secrets(), user, code, here.now(), signin.actor())
    if changed is None:
        return _refused("second_factor_confirm.html", form)
    signin.renew(changed)
    flash("on")
    return redirect(url_for("second_factor.show"))


@page.post("/off")
def turn_off() -> ResponseReturnValue:
    """Turn it off, with the password and a code; every session but this ends."""
    form, user = ProofForm(), _user()
    if not user.second_factor:
        return redirect(url_for("second_factor.show"))
    if not (form.validate_on_submit() and _proved(user, form)):
        return _refused("second_factor_on.html", form)
    signin.renew(second_factor.turn_off(here.engine(), user, here.now(), signin.actor()))
    flash("off")
    return redirect(url_for("second_factor.show"))


def _proved(user: User, form: ProofForm) -> bool:
    """Whether both are right. A wrong password costs no code."""
    return passwords.is_password(here.engine(), user, form.password.data or "") and second_factor.take_code(
        here.engine(), here.secrets(), user, form.code.data or "", here.now()
    )
