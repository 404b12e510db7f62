"""Draws docs/images/live.png: 合并预览 pressed on the demo's ledger in a live LibreOffice, on a screen nobody sees.

Needs Xvfb, xdotool and ImageMagick (`import`); run it after the ribbon's acts or the look of 合并结果 changed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIVE = ROOT / "tests" / "live"
PICTURE = ROOT / "docs" / "images" / "live.png"
DISPLAY, SIZE = ":97", "1440x860"
PRESS = "import sys, calc; calc.register(); import taizhang.ribbon as ribbon; ribbon.press('merge', sys.argv[1])"


def main() -> None:
    """Run the demo, open its ledger, press the button, take the picture."""
    sys.path.insert(0, str(LIVE))
    screen = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", f"{SIZE}x24"], stderr=subprocess.DEVNULL)
    os.environ["DISPLAY"] = DISPLAY
    try:
        with tempfile.TemporaryDirectory() as folder:
            _shoot(Path(folder))
    finally:
        screen.terminate()


def _shoot(folder: Path) -> None:
    import calc
    import xlwings as xw
    from desks import coded

    from taizhang.demo import LEDGER_NAME, run

    list(run(folder / "demo", lambda *_: None))
    time.sleep(1)
    url = calc.start(folder / "profile", visible=True)
    try:
        calc.register(url)
        app = xw.apps.active or xw.App(visible=True, add_book=False)
        book = app.books.open(str(folder / "demo" / LEDGER_NAME))
        book.activate()
        environment = {**os.environ, "PYTHONPATH": str(LIVE), "TAIZHANG_CALC_URL": url}
        subprocess.run(
            [sys.executable, "-P", "-c", PRESS, coded(str(folder / "demo" / "交回")), "--from_xl=1"],
            env=environment,
            check=True,
        )
        assert [one.name for one in app.books] == [book.name]  # what the sheet was drawn in is closed again
        book.activate()
        _raise(folder)
        subprocess.run(["import", "-window", "root", "-colors", "128", str(PICTURE)], check=True)
    finally:
        calc.stop(url)


def _raise(folder: Path) -> None:
    """Bring the ledger's window to the front: without a window manager nobody else does."""
    found = subprocess.run(
        ["xdotool", "search", "--class", "libreoffice-calc"], capture_output=True, text=True, check=True
    )
    for window in found.stdout.split():
        name = subprocess.run(["xdotool", "getwindowname", window], capture_output=True, text=True, check=True).stdout
        if "taizhang" not in name:
            subprocess.run(["xdotool", "windowraise", window, "windowsize", window, "1440", "859"], check=True)
    time.sleep(3)


if __name__ == "__main__":
    main()
