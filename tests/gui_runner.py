"""Runs the real window and notes for a test what a user would see of it: `gui_runner.py TOLD [FILE...]`."""

from __future__ import annotations

import json
import sys
import tkinter as tk
from pathlib import Path

from taizhang.gui.window import Window, made_root


def middle(widget: tk.Misc) -> tuple[int, int]:
    return (
        widget.winfo_rootx() + widget.winfo_width() // 2,
        widget.winfo_rooty() + widget.winfo_height() // 2,
    )


def places(window: Window) -> dict[str, tuple[int, int]]:
    found = {f"act:{act}": middle(button) for act, button in window.buttons.items()}
    found |= {f"choice:{name}": middle(button) for name, button in window.choices.items()}
    found |= {"other": middle(window.other), "search": middle(window.searched), "stop": middle(window.stopper)}
    found |= {
        "undecided": middle(window.filterer),
        "kind": middle(window.kind),
        "department": middle(window.department),
        "told": middle(window.told),
    }
    found |= {"table": middle(window.table), "opener": middle(window.opener), "shower": middle(window.shower)}
    if window.question is not None and window.question.grab_status():  # before, it is still on its way to its place
        found |= {"yes": middle(window.question.yes), "no": middle(window.question.no)}
    for name, tree in (("item", window.items), ("task", window.tasks), ("line", window.history)):
        for number, iid in enumerate(tree.get_children()[:40]):
            box = tree.bbox(iid, column=0)
            if box and tree.winfo_viewable():
                x, y, width, height = box
                found[f"{name}:{number}"] = (tree.winfo_rootx() + x + width // 2, tree.winfo_rooty() + y + height // 2)
    return found


def held(window: Window) -> str:
    """Return what has the keyboard."""
    try:
        widget = window.root.focus_get()
    except KeyError:  # a list that a box has popped up
        return "list"
    parts = {**{f"act:{act}": button for act, button in window.buttons.items()}, "opener": window.opener}
    parts |= {"overdue": window.overdue, "tasks": window.tasks, "items": window.items, "history": window.history}
    parts |= {"told": window.told, "other": window.other}
    return next((name for name, one in parts.items() if one is widget), type(widget).__name__)


def main() -> None:
    target, *arguments = map(Path, sys.argv[1:])
    root = made_root()
    window = Window(root, arguments)
    count = 0

    def note() -> None:
        nonlocal count
        count += 1
        told = {
            "stamp": count,
            "places": places(window),
            "idle": window.job is None,
            "asked": window.question is not None,
            "told": window.told.get("1.0", "end").strip(),
            "below": str(window.below["text"]),
            "headline": str(window.headline["text"]),
            "tab": window.tabs.index("current"),
            "items": [window.items.item(iid, "values") for iid in window.items.get_children()],
            "lines": len(window.history.get_children()),
            "tasks": len(window.tasks.get_children()),
            "selected": len(window.items.selection()),
            "held": held(window),
            "path": str(window.path or ""),
            "size": (root.winfo_width(), root.winfo_height()),
            "column": window.items.column("类别", "width"),
        }
        aside = target.with_suffix(".part")
        aside.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        aside.replace(target)
        root.after(60, note)

    note()
    root.mainloop()


if __name__ == "__main__":
    main()
