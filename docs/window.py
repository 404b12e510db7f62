"""Take the pictures of the window for the manual: `xvfb-run -s "-screen 0 1200x800x24" python docs/window.py`.

A real window on the demo's real ledger, on a screen without a frame around windows. Needs Pillow, Xvfb and a Chinese font.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import ImageGrab

from taizhang.demo import LEDGER_NAME, run
from taizhang.gui.window import Window, made_root

IMAGES = Path(__file__).parent / "images"
TABS = {0: "window.png", 2: "window-decide.png"}
_WAIT = 200  # milliseconds between two looks


def main() -> None:
    """Run the demo, open its ledger, and keep what two of the tabs show."""
    with tempfile.TemporaryDirectory() as folder:
        demo = Path(folder) / "演示"
        list(run(demo, lambda *_: None))
        root = made_root()
        window = Window(root, [demo / LEDGER_NAME])
        root.geometry("+0+0")
        left = list(TABS.items())

        def next_tab() -> None:
            if window.job:
                root.after(_WAIT, next_tab)
            elif left:
                window.place["text"] = LEDGER_NAME
                window.turn_to(left[0][0])
                if left[0][0]:
                    window.items.selection_set("0")
                root.after(_WAIT, keep)
            else:
                root.destroy()

        def keep() -> None:
            _, name = left.pop(0)
            x, y = root.winfo_rootx(), root.winfo_rooty()
            box = (x, y, x + root.winfo_width(), y + root.winfo_height())
            ImageGrab.grab(box).save(IMAGES / name, optimize=True)
            next_tab()

        root.after(_WAIT, next_tab)
        root.mainloop()


if __name__ == "__main__":
    main()
