"""Signing in and out, and a wall screen's way in. The token lives in a cookie that no script can read."""

import math

from starlette.responses import RedirectResponse, Response

from server.domain.errors import DomainError
from server.http.access import COOKIE
from server.http.call import Call
from server.http.page import form, render, secure
from server.usecases.staff import people, sessions
from server.usecases.staff.login_tries import forget_tries, take_try

WRONG = "Login or password is not right."
WALL_SECONDS = 400 * 86400
"""Browsers keep a cookie no longer; a wall screen that runs renews it with its address once a year."""


def login_page(_call: Call) -> Response:
    """GET /login"""
    return render("login.html", trouble="", login="")


def login(call: Call) -> Response:
    """POST /login: a cookie and the board, or the same words for a wrong login and a wrong password."""
    fields = form(call)
    name, password = fields.get("login", "").strip()[:64], fields.get("password", "")[:1024]
    wait = take_try(call.db, call.actor, name)
    if wait:
        words = f"Too many tries. Wait {math.ceil(wait)} s, then try again."
        response: Response = render("login.html", 429, trouble=words, login=name)
        response.headers["Retry-After"] = str(math.ceil(wait))
        return response
    try:
        token = people.sign_in(call.db, name, password)
    except DomainError:
        return render("login.html", 401, trouble=WRONG, login=name)
    forget_tries(call.db, call.actor, name)
    return _with_cookie(call, RedirectResponse("/board", 303), token, None)


def logout(call: Call) -> Response:
    """POST /logout: the token is worth nothing from now on."""
    sessions.sign_out(call.db, call.actor, call.request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE, path="/", secure=secure(call), httponly=True, samesite="strict")
    return response


def enter_wall(call: Call) -> Response:
    """GET /wall/{token}: the token moves into a cookie, so that it does not stay in the address."""
    token = call.path("token")
    if not sessions.is_link(call.db, token, "wall"):
        raise DomainError("not_found", "this wall address is not valid any more; an admin can make a new one")
    return _with_cookie(call, RedirectResponse("/wall", 303), token, WALL_SECONDS)


def enter_dock(call: Call) -> Response:
    """GET /dock/enter/{token}: as for a wall screen, for the phones of a dock."""
    token = call.path("token")
    if not sessions.is_link(call.db, token, "dock"):
        raise DomainError("not_found", "this dock address is not valid any more; ask for the new one of your dock")
    return _with_cookie(call, RedirectResponse("/dock", 303), token, WALL_SECONDS)


def _with_cookie(call: Call, response: Response, token: str, seconds: int | None) -> Response:
    response.set_cookie(COOKIE, token, max_age=seconds, path="/", secure=secure(call), httponly=True, samesite="strict")
    return response
