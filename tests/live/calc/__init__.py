"""An xlwings engine for LibreOffice Calc: the same add-in code that drives Excel drives a headless office.

    url = calc.start(profile)     # an office that outlives this process
    calc.register(url)            # xlwings now talks to it; a later process attaches to the same open workbooks
    calc.stop(url)

It imitates Excel where Calc is laxer, and raises NotImplementedError for what it does not offer.
"""

from __future__ import annotations

from .alerts import ANSWERS, PROMPTS, answer_alerts, forget_prompts, prompts
from .counting import DIE, EXIT, calls, changes, die_before, reset_calls
from .engine import URL, engine, register
from .errors import ComError
from .office import OfficeMissingError, alive, soffice, start, stop, uno_python, worn

__all__ = [
    "ANSWERS",
    "DIE",
    "EXIT",
    "PROMPTS",
    "URL",
    "ComError",
    "OfficeMissingError",
    "alive",
    "answer_alerts",
    "calls",
    "changes",
    "die_before",
    "engine",
    "forget_prompts",
    "prompts",
    "register",
    "reset_calls",
    "soffice",
    "start",
    "stop",
    "uno_python",
    "worn",
]
