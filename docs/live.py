"""Take the picture of 合并预览 pressed on the demo's ledger in a live LibreOffice: `python docs/pictures.py live`.

On a screen nobody sees; needs Xvfb and xdotool, and libreoffice-l10n-zh-cn for menus in Chinese.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
LIVE = TESTS / "live"
WIDTH, HEIGHT = 1440, 860
PRESS = "import sys, calc; calc.register(); import taizhang.ribbon as ribbon; ribbon.press('merge', sys.argv[1])"


def draw(demo: Path, target: Path) -> None:
    """Open a copy of the demo's ledger in LibreOffice, press the button, write what the screen shows."""
    sys.path[:0] = [str(TESTS), str(LIVE)]
    from screens import screen

    with screen(f"{WIDTH}x{HEIGHT}") as environment, tempfile.TemporaryDirectory() as folder:
        os.environ["DISPLAY"] = environment["DISPLAY"]
        _shoot(demo, target, Path(folder))


def _shoot(demo: Path, target: Path, folder: Path) -> None:
    import calc
    import xlwings as xw
    from desks import coded
    from PIL import ImageGrab

    from taizhang import tables
    from taizhang.demo import LEDGER_NAME

    copy = folder / LEDGER_NAME
    copy.write_bytes((demo / LEDGER_NAME).read_bytes())
    url = calc.start(folder / "profile", visible=True)
    try:
        calc.register(url)
        app = xw.apps.active or xw.App(visible=True, add_book=False)
        book = app.books.open(str(copy))
        book.activate()
        environment = {**os.environ, "PYTHONPATH": str(LIVE), "TAIZHANG_CALC_URL": url}
        subprocess.run(
            [sys.executable, "-P", "-c", PRESS, coded(str(demo / "交回")), "--from_xl=1"],
            env=environment,
            check=True,
        )
        assert [one.name for one in app.books] == [book.name]  # what the sheet was drawn in is closed again
        assert book.sheets.active.name == tables.RESULTS  # where a press that went through leads
        book.activate()
        _raise()
        ImageGrab.grab(xdisplay=os.environ["DISPLAY"]).quantize(128).save(target)
    finally:
        calc.stop(url)


def _raise() -> None:
    """Bring the ledger's window to the front: without a window manager nobody else does."""
    found = subprocess.run(
        ["xdotool", "search", "--class", "libreoffice-calc"], capture_output=True, text=True, check=True
    )
    for window in found.stdout.split():
        name = subprocess.run(["xdotool", "getwindowname", window], capture_output=True, text=True, check=True).stdout
        if "taizhang" not in name:
            size = [str(WIDTH), str(HEIGHT - 1)]
            subprocess.run(["xdotool", "windowraise", window, "windowsize", window, *size], check=True)
    time.sleep(3)
