"""Take the pictures of the window: `python docs/pictures.py window window-decide`.

A real window on the demo's real ledger, on a screen of its own without a frame around windows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
_SIZE = "1200x800"
_WAIT = 200  # milliseconds between two looks


def draw(demo: Path, target: Path, tab: int) -> None:
    """Show the demo's ledger in a window on a screen of its own and keep what one of its tabs shows."""
    sys.path.insert(0, str(ROOT / "tests"))
    from screens import screen

    with screen(_SIZE) as environment, tempfile.TemporaryDirectory() as state:
        subprocess.run(
            [sys.executable, __file__, str(demo), str(target), str(tab)],
            env={**environment, "XDG_STATE_HOME": state},
            check=True,
        )


def shoot(demo: Path, target: Path, tab: int) -> None:
    """Open the window on the screen of this process, turn to a tab, and write what it shows."""
    from PIL import ImageGrab

    from taizhang.demo import LEDGER_NAME
    from taizhang.gui.window import Window, made_root

    root = made_root()
    window = Window(root, [demo / LEDGER_NAME])
    root.geometry("+0+0")

    def turn() -> None:
        if window.job:
            root.after(_WAIT, turn)
            return
        window.place["text"] = LEDGER_NAME
        window.turn_to(tab)
        if tab:
            window.items.selection_set("0")
        root.after(_WAIT, keep)

    def keep() -> None:
        if window.job:
            root.after(_WAIT, keep)
            return
        x, y = root.winfo_rootx(), root.winfo_rooty()
        box = (x, y, x + root.winfo_width(), y + root.winfo_height())
        ImageGrab.grab(box, xdisplay=os.environ["DISPLAY"]).save(target)
        root.destroy()

    root.after(_WAIT, turn)
    root.mainloop()


if __name__ == "__main__":
    shoot(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
