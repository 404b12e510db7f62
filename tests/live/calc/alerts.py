"""Message boxes: nobody is there to click, so a script answers and a file keeps what was asked.

`TAIZHANG_CALC_ANSWERS` holds the buttons to press, in order: "yes,cancel". `TAIZHANG_CALC_PROMPTS` names the
file, one JSON object a line, that tests in another process read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ANSWERS, PROMPTS = "TAIZHANG_CALC_ANSWERS", "TAIZHANG_CALC_PROMPTS"
_BUTTONS = {
    "ok": ("ok",),
    "ok_cancel": ("ok", "cancel"),
    "yes_no": ("yes", "no"),
    "yes_no_cancel": ("yes", "no", "cancel"),
}
_script: list[str] = [answer for answer in os.environ.get(ANSWERS, "").replace(" ", "").split(",") if answer]
_asked: list[dict[str, Any]] = []


class NobodyAnswersError(AssertionError):
    """A message box with a choice came up and the script has no answer left."""


def answer_alerts(answers: Iterable[str]) -> None:
    """Press these buttons on the next message boxes of this process."""
    _script[:] = list(answers)


def prompts() -> list[dict[str, Any]]:
    """Return the message boxes so far: those of the file where one is named, else this process's own."""
    path = os.environ.get(PROMPTS)
    if not path:
        return list(_asked)
    if not Path(path).exists():
        return []
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def forget_prompts() -> None:
    """Forget the message boxes so far."""
    _asked.clear()
    if path := os.environ.get(PROMPTS):
        Path(path).unlink(missing_ok=True)


def ask(prompt: str | None, title: str | None, buttons: str | None, mode: str | None) -> str:
    """Return the button pressed on a message box."""
    offered = _BUTTONS[buttons or "ok"]
    if len(offered) == 1 and (not _script or _script[0] != offered[0]):
        answer = offered[0]
    elif _script:
        answer = _script.pop(0)
    else:
        answer = ""
    _record({"prompt": prompt or "", "title": title or "", "buttons": buttons or "ok", "mode": mode, "answer": answer})
    if answer not in offered:
        raise NobodyAnswersError(f"a message box offers {offered}, the script says {answer!r}: {prompt}")
    return answer


def _record(entry: dict[str, Any]) -> None:
    _asked.append(entry)
    if path := os.environ.get(PROMPTS):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
