"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from webapp import accounts, here, signin

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


@page.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End every session of the user."""
    signin.end()
    return redirect(url_for("account.sign_in"))
