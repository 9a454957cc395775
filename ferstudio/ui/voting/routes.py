"""Where phones vote, on the page's own port: `/vote` and what it asks."""

import json
import secrets
from collections.abc import Callable
from typing import Any

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ferstudio.errors import FerStudioError, UsageError
from ferstudio.labels import DISPLAY_ORDER, EMOTION_COLOURS
from ferstudio.ui.scripts import static
from ferstudio.ui.templates import render
from ferstudio.ui.voting import words
from ferstudio.ui.voting.rounds import NoSuchRoundError, Round, Rounds

PATH = "/vote"

COOKIE = "ferstudio_vote"
"""Holds a random number that tells devices apart until the browser is closed, and nothing else."""

LONGEST_ADDRESS = 300
"""Characters of the address in a QR code."""

QR_SCALE = 6

Answer = Callable[[Rounds, Request, dict[str, Any]], Response]


def vote_routes(rounds: Rounds) -> list[Route]:
    """Return the routes of `rounds`, for the page's server."""

    def page(request: Request) -> Response:
        return _phone_page(request)

    def asking(answer: Answer) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                asked = await request.json()
                if not isinstance(asked, dict):
                    raise UsageError("This is no question.")
                return answer(rounds, request, asked)
            except FerStudioError as error:
                return JSONResponse({"error": str(error)}, status_code=400)
            except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
                return JSONResponse({"error": "This is no JSON."}, status_code=400)

        return endpoint

    asked = {"open": _open, "now": _now, "cast": _cast, "tally": _tally, "close": _close}
    return [
        Route(PATH, page, methods=["GET"]),
        *(Route(f"{PATH}/{name}", asking(how), methods=["POST"]) for name, how in asked.items()),
    ]


def _phone_page(request: Request) -> Response:
    """Return the page on which phones vote, and give the device its number."""
    code = request.query_params.get("code", "")[:10]
    html = render(
        "vote/phone.html",
        words=words,
        options=DISPLAY_ORDER,
        colours=EMOTION_COLOURS,
        code=code,
        css=Markup(static("vote.css")),  # noqa: S704  our own
        script=Markup(static("vote.js")),  # noqa: S704  our own
    )
    answer = HTMLResponse(str(html))
    if COOKIE not in request.cookies:
        answer.set_cookie(
            COOKIE,
            secrets.token_urlsafe(16),
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
    return answer


def _open(rounds: Rounds, _: Request, asked: dict[str, Any]) -> Response:
    """Open a round; `page` is the address of the page as its visitor sees it.

    With `code` and `key` of an earlier round, phones that are there stay: its code is kept.
    """
    page = _text(asked, "page", LONGEST_ADDRESS)
    if not page.startswith(("http://", "https://")):
        raise UsageError("The page's own address is needed for phones to find it.")
    made = _next(rounds, asked) or rounds.open(DISPLAY_ORDER)
    join = f"{page.rstrip('/')}{PATH}?code={made.code}"
    picture = segno.make(join, error="m").svg_data_uri(scale=QR_SCALE, border=2, light="#fff")
    return JSONResponse({"code": made.code, "key": made.key, "join": join, "qr": picture})


def _next(rounds: Rounds, asked: dict[str, Any]) -> Round | None:
    if "code" not in asked:
        return None
    try:
        return rounds.open_again(_text(asked, "code"), _text(asked, "key"))
    except NoSuchRoundError:
        return None


def _now(rounds: Rounds, _: Request, asked: dict[str, Any]) -> Response:
    """Return which question is open under a code; 0 while none is."""
    return JSONResponse({"number": rounds.number(_text(asked, "code"))})


def _cast(rounds: Rounds, request: Request, asked: dict[str, Any]) -> Response:
    device = request.cookies.get(COOKIE, "")
    if not device:
        raise UsageError(words.NO_COOKIE)
    code = _text(asked, "code")
    counted = rounds.vote(code, device, _text(asked, "option"))
    return JSONResponse({"counted": counted, "number": rounds.number(code)})


def _tally(rounds: Rounds, _: Request, asked: dict[str, Any]) -> Response:
    return JSONResponse(dict(rounds.tally(_text(asked, "code"), _text(asked, "key"))))


def _close(rounds: Rounds, _: Request, asked: dict[str, Any]) -> Response:
    return JSONResponse(dict(rounds.close(_text(asked, "code"), _text(asked, "key"))))


def _text(asked: dict[str, Any], name: str, longest: int = 64) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise UsageError(f"{name!r} is missing.")
    return value
