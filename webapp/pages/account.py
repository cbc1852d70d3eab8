"""Signing in and out, and one's own password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from webapp import accounts, here, signin
from webapp.accounts import User

page = Blueprint("account", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """Name, password, and the page to go back to. Labels and messages stand in the template."""

    name = StringField(validators=[InputRequired(), Length(max=accounts.LONGEST_NAME)])
    password = PasswordField(validators=[InputRequired(), Length(max=accounts.LONGEST_PASSWORD)])
    next = HiddenField()


@page.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """The sign-in form; a right name and password lead on to the page that was asked for."""
    form = SignInForm()
    if request.method == "GET":
        form.next.data = signin.safe_target(request.args.get("next"))
    target = signin.safe_target(form.next.data) or url_for("portfolio.portfolio")
    if request.method == "GET" and signin.current() is not None:
        return redirect(target)
    if form.validate_on_submit():
        user = accounts.check_password(here.engine(), form.name.data or "", form.password.data or "", here.now())
        if user is not None:
            signin.start(user)
            return redirect(target)
    refused = request.method == "POST"
    with here.reading() as connection:
        anybody = accounts.anybody(connection)
    status = signin.REFUSED if refused else 200
    return render_template("sign_in.html", form=form, refused=refused, anybody=anybody), status


class PasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """The present password, and the new one twice."""

    current = PasswordField()
    new = PasswordField()
    again = PasswordField()


def _fault(user: User, form: PasswordForm) -> tuple[str, str] | None:
    """The field at fault and the code of what is wrong; None when the new password will do."""
    current, new, again = (field.data or "" for field in (form.current, form.new, form.again))
    if not accounts.is_password(here.engine(), user, current):
        return "current", "wrong"
    if not accounts.password_fits(new):
        return "new", "length"
    if new == current:
        return "new", "same"
    return None if new == again else ("again", "differs")


@page.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """One's own password: a new one ends all sessions but this."""
    form, user = PasswordForm(), signin.current()
    if user is None:
        return signin.ask()
    fault = None
    if form.validate_on_submit():
        fault = _fault(user, form)
        if fault is None:
            signin.start(accounts.change_password(here.engine(), user, form.new.data or ""))
            flash("changed")
            return redirect(url_for("account.password"))
    status = 200 if fault is None else signin.REFUSED if fault[0] == "current" else 422
    bounds = (accounts.SHORTEST_PASSWORD, accounts.LONGEST_PASSWORD)
    return render_template("password.html", form=form, fault=fault, bounds=bounds), status


@page.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End every session of the user."""
    signin.end()
    return redirect(url_for("account.sign_in"))
