"""Signing in and out, one's own account and its password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from webapp import access, here, pending, signin
from webapp.accounts import passwords, second_factor, users
from webapp.accounts.users import User
from webapp.queries.sign_ins import latest_sign_ins

page = Blueprint("account", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """Name, password, and the page to go back to. Labels and messages stand in the template."""

    name = StringField(validators=[InputRequired(), Length(max=users.LONGEST_NAME)])
    password = PasswordField(validators=[InputRequired(), Length(max=passwords.LONGEST_PASSWORD)])
    next = HiddenField()


@page.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """The sign-in form; a right name and password lead on to the page that was asked for."""
    form = SignInForm()
    if request.method == "GET":
        form.next.data = signin.safe_target(request.args.get("next"))
    target = signin.safe_target(form.next.data)
    if request.method == "GET" and signin.current() is not None:
        return redirect(target or access.home())
    if form.validate_on_submit():
        user = passwords.check_password(here.engine(), form.name.data or "", form.password.data or "")
        if user is not None and user.second_factor:
            pending.begin(user)
            return redirect(url_for("account.code", next=target))
        if user is not None:
            signin.start(user)
            return redirect(target or access.home())
    refused = request.method == "POST"
    if refused:
        signin.refuse(form.name.data or "")
    with here.reading() as connection:
        anybody = users.anybody(connection)
    status = signin.REFUSED if refused else 200
    return render_template("sign_in.html", form=form, refused=refused, anybody=anybody), status


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """The one-time code, and the page to go back to."""

    code = StringField(validators=[InputRequired(), Length(max=second_factor.LONGEST_CODE)])
    next = HiddenField()


@page.route("/sign-in/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """The second step of signing in; a right code leads on to the page that was asked for."""
    form, user = CodeForm(), pending.awaited()
    if request.method == "GET":
        form.next.data = signin.safe_target(request.args.get("next"))
    target = signin.safe_target(form.next.data)
    if user is None:
        late = pending.user_id() is not None
        return redirect(url_for("account.sign_in", next=target, late="yes" if late else None))
    if form.validate_on_submit() and second_factor.take_code(
        here.engine(), here.secrets(), user, form.code.data or "", here.now()
    ):
        signin.start(user)
        return redirect(target or access.home())
    refused = request.method == "POST"
    if refused:
        signin.refuse_code(user)
    return render_template("code.html", form=form, refused=refused), signin.REFUSED if refused else 200


class PasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """The present password, and the new one twice."""

    current = PasswordField()
    new = PasswordField()
    again = PasswordField()


def _fault(user: User, form: PasswordForm, least: int) -> tuple[str, str] | None:
    """The field at fault and the code of what is wrong; None when the new password will do."""
    current, new, again = (field.data or "" for field in (form.current, form.new, form.again))
    if not passwords.is_password(here.engine(), user, current):
        return "current", "wrong"
    fault = passwords.fault_of(new, user.name, least)
    if fault is not None:
        return "new", fault
    if new == current:
        return "new", "same"
    return None if new == again else ("again", "differs")


def _changed(user: User, password: str) -> User:
    return passwords.change_password(here.engine(), user, password, here.now(), signin.actor())


@page.get("/account")
def account() -> ResponseReturnValue:
    """One's own account: how it is protected, and who signed in to it lately."""
    user = signin.current()
    if user is None:
        return signin.ask()
    with here.reading() as connection:
        latest = latest_sign_ins(connection, user.id)
    local = user.origin == users.LOCAL.origin
    return render_template("account.html", user=user, local=local, latest=latest, rules=user.rules)


@page.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """One's own password: a new one ends all sessions but this."""
    form, user = PasswordForm(), signin.current()
    if user is None:
        return signin.ask()
    least = user.rules.least_password
    fault = None
    if form.validate_on_submit():
        fault = _fault(user, form, least)
        if fault is None:
            signin.renew(_changed(user, form.new.data or ""))
            flash("changed")
            return redirect(url_for("account.password"))
    status = 200 if fault is None else signin.REFUSED if fault[0] == "current" else 422
    bounds = (least, passwords.LONGEST_PASSWORD)
    return render_template("password.html", form=form, fault=fault, bounds=bounds), status


@page.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End every session of the user."""
    user = signin.current()
    signin.end()
    local = user is None or user.origin == users.LOCAL.origin
    return redirect(url_for("account.sign_in" if local else "outside.signed_out"))
