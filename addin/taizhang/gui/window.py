"""The window: what stands where, and what a click or a key does. All work is done by a job in another thread."""

from __future__ import annotations

import os
import subprocess
import sys
import tkinter as tk
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from tkinter import filedialog, font, ttk
from typing import Any
from xml.etree import ElementTree

from taizhang import ribbon
from taizhang.acts import BY_ACT, Ask
from taizhang.books.ledgers import Readable
from taizhang.deciding import Item, decide
from taizhang.errors import LedgerError, Stop
from taizhang.gui import recent
from taizhang.gui import view as views
from taizhang.gui.desk import WindowDesk, do
from taizhang.gui.jobs import Ended, Event, Job, Question, Show, Step
from taizhang.gui.view import ALL, Row, View
from taizhang.machine import Pace, unforeseen
from taizhang.merge import Choice, Verdict
from taizhang.ribbon import Said

_TICK = 40  # milliseconds between two looks at what a job says
_DECISIONS = 2  # which tab they are in
_AT_ONCE = 200  # rows a table takes in before it lets the window breathe
_FONTS = (
    *("Microsoft YaHei UI", "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC"),
    *("WenQuanYi Micro Hei", "SimSun"),
)
_TITLE = "营商台账"
_ONLY_IN_EXCEL = frozenset({"settings"})  # a sheet it would show
_MAKES_A_LEDGER = frozenset({"import_notice", "rollover"})
_ARROWS = {"<Up>": (-1, 0), "<Down>": (1, 0), "<Left>": (0, -1), "<Right>": (0, 1)}
_USUAL_DPI = 96
_KEYS = {"1": Choice.BACK, "2": Choice.NOW, "3": Choice.OTHER}
_WIDTHS = {
    **dict.fromkeys(("序号", "编号", "类别", "完成率"), 60),
    **dict.fromkeys(("裁决", "操作", "操作人", "状态", "列", "完成时限"), 100),
    **dict.fromkeys(("单位", "牵头部门", "时间"), 140),
    **dict.fromkeys(("下发值", "台账现值", "上报值"), 170),
}


class Window:
    """The one window: a ledger, its numbers, its tasks, what waits for a decision, its history."""

    def __init__(self, root: tk.Tk, files: Sequence[Path] = ()) -> None:
        self.root = root
        self.path: Path | None = None
        self.view: View | None = None
        self.job: Job | None = None
        self.buttons: dict[str, ttk.Button] = {}
        self._grid: dict[tuple[int, int], ttk.Button] = {}  # the same, by row and column
        self.question: Asking | None = None
        self._then: Callable[[Any], None] = lambda _value: None
        self._act = ""
        self._listed: list[Item] = []
        self._scale = root.winfo_fpixels("1i") / _USUAL_DPI
        _set_fonts(root)
        root.title(_TITLE)
        root.geometry("{}x{}".format(*self._on_screen(1180, 760)))
        root.minsize(*self._on_screen(900, 560))
        root.report_callback_exception = self._fail
        root.protocol("WM_DELETE_WINDOW", self.close)
        self._build()
        self._bind()
        root.after(_TICK, self._tick)
        known = recent.last()
        if files:
            self.dropped(files)
        elif known:
            self.load(known)

    def _on_screen(self, width: int, height: int) -> tuple[int, int]:
        """Return a size in the pixels of this screen, none larger than it is."""
        root = self.root
        return (
            min(round(width * self._scale), root.winfo_screenwidth()),
            min(round(height * self._scale), root.winfo_screenheight()),
        )

    # What stands where

    def _build(self) -> None:
        top = ttk.Frame(self.root, padding=(8, 6))
        top.pack(fill="x")
        self.opener = ttk.Button(top, text="打开台账…", command=self.choose, underline=0)
        self.opener.pack(side="left")
        self.place = ttk.Label(top, text="把台账或交回的文件拖进来，或点“打开台账”。", padding=(8, 0))
        self.place.pack(side="left", fill="x", expand=True)
        self.shower = ttk.Button(top, text="用表格软件打开", command=self.show_in_program)
        self.shower.pack(side="right")
        self.place.bind("<Configure>", lambda event: self.place.configure(wraplength=event.width))
        self._build_acts()
        self._build_foot()
        self.tabs = ttk.Notebook(self.root)
        self.tabs.pack(fill="both", expand=True, padx=8, pady=4)
        self._build_overview()
        self.tasks = self._tab("任务", views.TASKS, "选中任务（可以选几项），再按上面的“销号”“退回”“延期”等。")
        self._build_decisions()
        self._build_history()

    def _build_acts(self) -> None:
        """Put the ribbon's buttons on top, in its groups and with its words."""
        from taizhang.xlam.build import RIBBON, folder

        bar = ttk.Frame(self.root, padding=(8, 0))
        bar.pack(fill="x")
        self._asks = tomllib.loads((folder() / "messages.toml").read_text(encoding="utf-8"))
        tree = ElementTree.parse(folder() / "ribbon.xml")
        column = 0
        for group in tree.iter(f"{{{RIBBON}}}group"):
            frame = ttk.LabelFrame(bar, text=group.get("label") or "", padding=2)
            known = [one for one in group if one.get("id") in ribbon.ACTS and one.get("id") not in _ONLY_IN_EXCEL]
            for number, one in enumerate(known):
                act = str(one.get("id"))
                press = partial(self.press, act)
                button = ttk.Button(frame, text=str(one.get("label")), width=-6, command=press)
                button.grid(row=number % 2, column=number // 2, sticky="ew", padx=1, pady=1)
                self.buttons[act] = button
                self._grid[number % 2, column + number // 2] = button
                tip = str(one.get("supertip"))
                button.bind("<Enter>", lambda _event, tip=tip: self.say_below(tip))  # type: ignore[misc]
                button.bind("<FocusIn>", lambda _event, tip=tip: self.say_below(tip))  # type: ignore[misc]
            frame.pack(side="left", fill="y", padx=2)
            column += (len(known) + 1) // 2
        for place, button in self._grid.items():
            for key, (down, right) in _ARROWS.items():
                button.bind(key, lambda _event, to=(place[0] + down, place[1] + right): self._go_to(to))  # type: ignore[misc]
            button.bind("<Return>", lambda event: event.widget.invoke())

    def _build_foot(self) -> None:
        foot = ttk.Frame(self.root, padding=(8, 4))
        foot.pack(side="bottom", fill="x")
        self.below = ttk.Label(foot, anchor="w")
        self.below.pack(side="left", fill="x", expand=True)
        self.stopper = ttk.Button(foot, text="取消", command=self.call_off, state="disabled")
        self.stopper.pack(side="right")
        self.bar = ttk.Progressbar(foot, length=220, maximum=100)
        self.bar.pack(side="right", padx=8)
        self.told = tk.Text(self.root, height=6, wrap="word", state="disabled", relief="flat", padx=8, pady=4)
        self.told.pack(side="bottom", fill="x", padx=8)

    def _build_overview(self) -> None:
        tab = ttk.Frame(self.tabs, padding=8)
        self.tabs.add(tab, text="总览")
        self.headline = ttk.Label(tab, font="TkHeadingFont")
        self.headline.pack(anchor="w")
        self.lights = ttk.Frame(tab, padding=(0, 6))
        self.lights.pack(anchor="w")
        ttk.Label(tab, text="逾期事项").pack(anchor="w")
        self.overdue = _table(tab, views.TASKS, self._scale)

    def _tab(self, title: str, columns: Sequence[str], note: str) -> ttk.Treeview:
        tab = ttk.Frame(self.tabs, padding=8)
        self.tabs.add(tab, text=title)
        ttk.Label(tab, text=note).pack(anchor="w")
        return _table(tab, columns, self._scale)

    def _build_decisions(self) -> None:
        tab = ttk.Frame(self.tabs, padding=8)
        self.tabs.add(tab, text="裁决")
        bar = ttk.Frame(tab)
        bar.pack(fill="x")
        self.kind, self.department = (
            ttk.Combobox(bar, values=[ALL], state="readonly", width=width) for width in (9, 18)
        )
        self.undecided = tk.BooleanVar(value=False)
        for words, box in (("类别", self.kind), ("单位", self.department)):
            ttk.Label(bar, text=words).pack(side="left")
            box.set(ALL)
            box.pack(side="left", padx=(2, 8))
            box.bind("<<ComboboxSelected>>", lambda _event: self.list_items())
        self.filterer = ttk.Checkbutton(bar, text="只看没有裁决的", variable=self.undecided, command=self.list_items)
        self.filterer.pack(side="left")
        self.counted = ttk.Label(bar, padding=(8, 0))
        self.counted.pack(side="left")
        self.choices: dict[str, ttk.Button] = {}
        row = ttk.Frame(tab, padding=(0, 4))
        row.pack(fill="x")
        for key, choice in _KEYS.items():
            words = f"{choice.value}（{key}）"
            button = ttk.Button(row, text=words, command=lambda choice=choice: self.decide(choice))  # type: ignore[misc]
            button.pack(side="left", padx=2)
            self.choices[choice.name] = button
        self.other = ttk.Entry(row, width=30)
        self.other.pack(side="left", padx=2)
        clear = ttk.Button(row, text="取消裁决（删除键）", command=lambda: self.decide(None))
        clear.pack(side="left", padx=2)
        self.choices["CLEAR"] = clear
        for name, choice in (("ALL_BACK", Choice.BACK), ("ALL_NOW", Choice.NOW)):
            words = f"列出的全部{choice.value}"
            button = ttk.Button(bar, text=words, command=lambda choice=choice: self.decide_all(choice))  # type: ignore[misc]
            button.pack(side="right", padx=2)
            self.choices[name] = button
        ttk.Label(row, text="先选行：按住 Shift 或 Ctrl 可选几行，Ctrl+A 选中列出的全部。").pack(side="left", padx=8)
        self.items = _table(tab, views.ITEMS, self._scale)
        self.items.bind("<<TreeviewSelect>>", lambda _event: self.tell_item())

    def _build_history(self) -> None:
        tab = ttk.Frame(self.tabs, padding=8)
        self.tabs.add(tab, text="变更记录")
        bar = ttk.Frame(tab)
        bar.pack(fill="x")
        ttk.Label(bar, text="查找").pack(side="left")
        self.searched = ttk.Entry(bar, width=40)
        self.searched.pack(side="left", padx=4)
        self.searched.bind("<Return>", lambda _event: self.list_lines())
        ttk.Button(bar, text="查找", command=self.list_lines).pack(side="left")
        self.history = _table(tab, views.LINES, self._scale)

    def _bind(self) -> None:
        self.root.bind("<Control-o>", lambda _event: self.choose())
        self.root.bind("<F5>", lambda _event: self.refresh())
        self.root.bind("<Escape>", lambda _event: self.call_off())
        self.root.bind_all("<F6>", lambda _event: self._next_part(1))
        self.root.bind_all("<Shift-F6>", lambda _event: self._next_part(-1))
        for number in range(4):
            self.root.bind(f"<Alt-Key-{number + 1}>", lambda _event, n=number: self.turn_to(n))  # type: ignore[misc]
        for key, choice in _KEYS.items():
            self.items.bind(f"<Key-{key}>", lambda _event, choice=choice: self.decide(choice))  # type: ignore[misc]
        self.items.bind("<Delete>", lambda _event: self.decide(None))
        for tree in (self.items, self.tasks):
            tree.bind("<Control-a>", lambda event: event.widget.selection_set(event.widget.get_children()))
        _take_drops(self.root, self.dropped)

    # What is done

    def press(self, act: str) -> None:
        """Do what a button of the ribbon stands for, once it knows what it asks for."""
        arguments = self._arguments(act)
        if arguments is None or self.job:
            return
        path, codes = self.path, self.tasks.selection()

        def work(job: Job) -> tuple[Said, View | None]:
            said = do(WindowDesk(path, codes, job), act, arguments)
            return said, look(path, job) if path and act not in _MAKES_A_LEDGER else None

        self._act = act
        self.run(work, self._acted)

    def _acted(self, value: tuple[Said, View | None]) -> None:
        said, found = value
        self.tell(said.lines)
        if found:
            self.show(found)

    def _arguments(self, act: str) -> list[str] | None:
        """Return what an act wants to know, None where somebody thought better of it."""
        asks, words = BY_ACT[act].asks, str(self._asks.get(f"ask_{act}", ""))
        if asks is Ask.NOTHING:
            return []
        if asks is Ask.TEXT:
            text = Typing(self.root, words).answered()
            return None if text is None else [text]
        if asks is Ask.FILES_OR_FOLDER and self.asked(words):
            return self._named(filedialog.askopenfilenames(parent=self.root))
        found = (
            filedialog.askopenfilename(parent=self.root, title=words)
            if asks is Ask.FILE
            else filedialog.askdirectory(parent=self.root, title=words)
        )
        return [str(found)] if found else None

    @staticmethod
    def _named(files: Iterable[str]) -> list[str] | None:
        """Return files as the act of the ribbon wants them: a folder, and names in it, which may be whole paths."""
        paths = [Path(one) for one in files]
        return [str(paths[0].parent), *map(str, paths)] if paths else None

    def asked(self, text: str) -> bool:
        """Ask a question; return whether the answer is yes."""
        self.question = Asking(self.root, text)
        said, self.question = self.question.answered(), None
        return said

    def choose(self) -> None:
        """Ask for a ledger and show it."""
        found = filedialog.askopenfilename(parent=self.root, filetypes=[("台账", "*.xlsx")])
        if found:
            self.load(Path(found))

    def show_in_program(self) -> None:
        """Open the ledger in whatever program is there."""
        if self.path:
            show_file(self.path)

    def turn_to(self, tab: int) -> None:
        """Show a tab, the first being 0, and have the keyboard in its table."""
        self.tabs.select(tab)  # type: ignore[no-untyped-call]
        self._enter_table()

    @property
    def table(self) -> ttk.Treeview:
        """Return the table of the tab that is shown."""
        shown: int = self.tabs.index("current")  # type: ignore[no-untyped-call]
        return (self.overdue, self.tasks, self.items, self.history)[shown]

    def _enter_table(self) -> None:
        """Have the keyboard in the table that is shown, on the row it was on, or else the first."""
        table = self.table
        rows = table.get_children()
        if rows and table.focus() not in rows:
            table.focus(rows[0])
        table.focus_set()

    def _next_part(self, step: int) -> None:
        """Go on to the next part of the window with the keyboard, as F6 does in an office program."""
        parts: list[tk.Misc] = [self.opener, next(iter(self.buttons.values())), self.table, self.told]
        held = self.root.focus_get()
        here = 1 if held in self.buttons.values() else next((n for n, one in enumerate(parts) if one is held), 0)
        parts[(here + step) % len(parts)].focus_set()
        if self.root.focus_get() is self.table:
            self._enter_table()

    def _go_to(self, place: tuple[int, int]) -> None:
        """Have the keyboard on a button of the grid, if there is one."""
        if place in self._grid:
            self._grid[place].focus_set()

    def refresh(self) -> None:
        """Show the ledger as it stands now."""
        if self.path:
            self.load(self.path)

    def load(self, path: Path, then: Callable[[], object] = lambda: None) -> None:
        """Show a ledger."""

        def loaded(found: View) -> None:
            self._begin(found)
            then()

        self.run(lambda job: look(path, job), loaded)

    def _begin(self, found: View) -> None:
        """Show a ledger that somebody has chosen."""
        recent.remember(found.path)
        self.show(found)
        self.tell([found.held] if found.held else [])

    def dropped(self, paths: Sequence[Path]) -> None:
        """Take what was dropped: a ledger is shown, anything else is merged into it, or into the one shown (last)."""
        if self.job or not paths:
            return
        known = self.path or recent.last()

        def work(job: Job) -> tuple[View | None, list[Path]]:
            found = views.ledger_among(paths)
            if not isinstance(found, LedgerError):
                path, opened = found
                return look(opened, job), [one for one in paths if one != path]
            if known is None:
                raise LedgerError(Stop.DROPPED_NO_LEDGER, fault=str(found))
            return look(known, job) if known != self.path else None, list(paths)

        def taken(found: tuple[View | None, list[Path]]) -> None:
            seen, others = found
            if seen:
                self._begin(seen)
            if others:
                self.take_in(others)

        self.run(work, taken)

    def take_in(self, paths: Sequence[Path]) -> None:
        """Preview what returned files, or folders of them, would change."""
        path = self.path

        def work(job: Job) -> tuple[Said, View | None]:
            from taizhang import telling
            from taizhang.actions import merge_files

            desk = WindowDesk(path, (), job)
            lines = list(telling.merge_lines(merge_files(desk.host, list(paths), desk.context)))
            return desk.noted(Said(lines)), look(desk.host.path, job)

        self.run(work, self._taken)

    def _taken(self, value: tuple[Said, View | None]) -> None:
        self._acted(value)
        self.turn_to(_DECISIONS)

    def decide(self, choice: Choice | None) -> None:
        """Decide on the rows selected; without any, on nothing."""
        chosen = [self._listed[int(iid)] for iid in self.items.selection()]
        if not chosen:
            self.say_below("请先在表里选中要裁决的行。")
        elif self.path is not None and not self.job:
            self._decide(self.path, chosen, choice)

    def decide_all(self, choice: Choice) -> None:
        """Decide on all rows listed, once somebody has said that all are meant."""
        listed = self._listed
        if not listed or self.path is None or self.job:
            self.say_below("没有列出要裁决的。")
            return
        if self.asked(views.all_asked(listed, choice)):
            self._decide(self.path, listed, choice, bulk=True)

    def _decide(self, path: Path, chosen: Sequence[Item], choice: Choice | None, *, bulk: bool = False) -> None:
        text = self.other.get()
        if choice is Choice.OTHER and not text.strip():
            self.say_below("请先在右边的框里填上内容，再选“另行填写”。")
            self.other.focus_set()
            return
        verdict = Verdict(choice, text if choice is Choice.OTHER else None) if choice else None

        def work(job: Job) -> tuple[Said, View | None]:
            from taizhang import telling

            desk = WindowDesk(path, (), job)
            verdicts = {item.id: verdict for item in chosen}
            done = decide(desk.host, verdicts, desk.context, bulk=bulk)
            return desk.noted(Said(list(telling.decide_lines(chosen, done, views.AGAIN)))), look(path, job)

        self.run(work, self._acted)

    def tell_item(self) -> None:
        """Show the item selected in full: a row of a table cuts it short."""
        selected = self.items.selection()
        if len(selected) == 1 and not self.job:
            self.tell(views.item_told(self._listed[int(selected[0])]))

    # Jobs

    def run(self, work: Callable[[Job], Any], then: Callable[[Any], None]) -> None:
        """Do some work in another thread, and `then` something with what it gives back."""
        if self.job:
            return
        self.job, self._then, self._pace = Job(work), then, Pace()
        self._enable(False)
        self.job.start()

    def call_off(self) -> None:
        """Ask the work under way to stop before it writes."""
        if self.job:
            self.job.call_off()
            self.say_below("正在停下，还没有写的不会写……")

    def _tick(self) -> None:
        for event in self.job.news() if self.job else ():
            self._hear(event)
        self.root.after(_TICK, self._tick)

    def _hear(self, event: Event) -> None:
        match event:
            case Step():
                self.bar["value"] = event.done * 100 // max(event.of, 1)
                pace = self._pace.said(event.what, event.done, event.of)
                self.say_below(f"{event.what}（{event.done}/{event.of}）　{pace}")
            case Question():
                event.answer(self.asked(event.text))
            case Show():
                if self._act in _MAKES_A_LEDGER:
                    self.root.after(_TICK * 2, self.load, event.path)
                else:
                    show_file(event.path)
            case Ended():
                self.job = None
                self._enable(True)
                self.bar["value"] = 0
                if event.fault:
                    self.tell([event.fault])
                    self.say_below("没有做完，请看下面的说明。")
                else:
                    self.say_below("")
                    self._then(event.value)

    def _enable(self, on: bool) -> None:
        for button in (*self.buttons.values(), *self.choices.values(), self.opener):
            button["state"] = "normal" if on else "disabled"
        self.stopper["state"] = "disabled" if on else "normal"

    def _fail(self, _kind: type[BaseException], error: BaseException, _trace: object) -> None:
        """Say that the window itself went wrong, and where its traceback is: there may be no console."""
        self.tell([unforeseen(error)])

    def close(self) -> None:
        """Close the window; work under way is called off first, and what is being written is let finish."""
        if self.job:
            self.call_off()
            self.root.after(_TICK, self.close)
            return
        self.root.destroy()

    # What is shown

    def show(self, found: View) -> None:
        """Show a ledger as it stands."""
        self.path, self.view = found.path, found
        self.root.title(f"{found.path.name} — {_TITLE}")
        self.place["text"] = str(found.path)
        self.headline["text"] = found.headline
        for old in self.lights.winfo_children():
            old.destroy()
        for status, count, colour in found.lights:
            light = tk.Label(self.lights, text=f" {status} {count} ", bg=colour, fg="#000000", padx=6, pady=2)
            light.pack(side="left", padx=2)
        self._fill(self.overdue, views.overdue_rows(found))
        self._fill(self.tasks, views.task_rows(found))
        self.kind["values"] = [ALL, *dict.fromkeys(item.kind for item in found.items)]
        self.department["values"] = [ALL, *dict.fromkeys(item.department for item in found.items)]
        words = f"裁决（{found.waiting}）" if found.waiting else "裁决"
        self.tabs.tab(_DECISIONS, text=words)  # type: ignore[no-untyped-call]
        self.list_items()
        self.list_lines()

    def list_items(self) -> None:
        """List what waits for a decision, as filtered; rows that are still there stay selected."""
        if self.view is None:
            return
        kept = {self._listed[int(iid)].id for iid in self.items.selection() if int(iid) < len(self._listed)}
        self._listed = views.chosen_items(
            self.view.items, self.kind.get(), self.department.get(), undecided=self.undecided.get()
        )
        self.counted["text"] = f"列出 {len(self._listed)} 项，共 {len(self.view.items)} 项"
        self._fill(self.items, ((str(n), views.item_row(item)) for n, item in enumerate(self._listed)))
        if kept and len(self._listed) <= _AT_ONCE:
            self.items.selection_set([str(n) for n, item in enumerate(self._listed) if item.id in kept])

    def list_lines(self) -> None:
        """List the history, the newest first, as filtered."""
        if self.view:
            lines = views.chosen_lines(self.view.lines, self.searched.get())
            self._fill(self.history, ((str(n), views.line_row(line)) for n, line in enumerate(lines)))

    def _fill(self, tree: ttk.Treeview, rows: Iterable[Row]) -> None:
        """Put rows into a table, some at once and the rest while the window breathes."""
        pending = getattr(tree, "pending", None)
        if pending:
            self.root.after_cancel(pending)
        tree.delete(*tree.get_children())
        self._go_on(tree, iter(rows))

    def _go_on(self, tree: ttk.Treeview, rows: Iterator[Row]) -> None:
        chunk = list(islice(rows, _AT_ONCE))
        for iid, words in chunk:
            tree.insert("", "end", iid=iid, values=words)
        more = len(chunk) == _AT_ONCE
        tree.pending = self.root.after(1, self._go_on, tree, rows) if more else None  # type: ignore[attr-defined]

    def tell(self, lines: Iterable[str]) -> None:
        """Say what an act has done."""
        self.told["state"] = "normal"
        self.told.replace("1.0", "end", "\n".join(lines))
        self.told["state"] = "disabled"

    def say_below(self, text: str) -> None:
        """Say something in the line at the foot."""
        self.below["text"] = text


class Asking(tk.Toplevel):
    """A question with a yes and a no; Escape is a no."""

    def __init__(self, root: tk.Misc, text: str) -> None:
        super().__init__(root)
        self.title(_TITLE)
        self.transient(root)  # type: ignore[call-overload]
        self.said = False
        ttk.Label(self, text=text, padding=16, wraplength=560, justify="left").pack()
        row = ttk.Frame(self, padding=8)
        row.pack()
        self.yes = ttk.Button(row, text="是（Y）", command=lambda: self.end(True))
        self.no = ttk.Button(row, text="否（N）", command=lambda: self.end(False))
        self.yes.pack(side="left", padx=4)
        self.no.pack(side="left", padx=4)
        for key, said in (("y", True), ("Y", True), ("n", False), ("N", False), ("<Escape>", False)):
            self.bind(key, lambda _event, said=said: self.end(said))  # type: ignore[misc]
        self.yes.bind("<Return>", lambda _event: self.end(True))
        self.no.bind("<Return>", lambda _event: self.end(False))
        self.protocol("WM_DELETE_WINDOW", lambda: self.end(False))
        _centre(self, root)
        self.yes.focus_set()

    def end(self, said: bool) -> None:
        """Answer."""
        self.said = said
        self.destroy()

    def answered(self) -> bool:
        """Return the answer, once it is given."""
        self.wait_visibility()
        self.grab_set()
        self.wait_window()
        return self.said


class Typing(tk.Toplevel):
    """A question that is answered in words; Escape takes it back."""

    def __init__(self, root: tk.Misc, text: str) -> None:
        super().__init__(root)
        self.title(_TITLE)
        self.transient(root)  # type: ignore[call-overload]
        self.said: str | None = None
        ttk.Label(self, text=text, padding=16, wraplength=560, justify="left").pack(anchor="w")
        self.entry = ttk.Entry(self, width=60)
        self.entry.pack(padx=16, fill="x")
        row = ttk.Frame(self, padding=8)
        row.pack()
        ttk.Button(row, text="确定", command=self.end).pack(side="left", padx=4)
        ttk.Button(row, text="取消", command=self.destroy).pack(side="left", padx=4)
        self.entry.bind("<Return>", lambda _event: self.end())
        self.bind("<Escape>", lambda _event: self.destroy())
        _centre(self, root)
        self.entry.focus_set()

    def end(self) -> None:
        """Take what was typed."""
        self.said = self.entry.get()
        self.destroy()

    def answered(self) -> str | None:
        """Return what was typed, None where it was taken back."""
        self.wait_visibility()
        self.grab_set()
        self.wait_window()
        return self.said


def look(where: Readable, job: Job) -> View:
    """Return what a ledger shows, for a job."""
    return views.look(where, WindowDesk(None, (), job).context)


def _table(parent: tk.Misc, columns: Sequence[str], scale: float) -> ttk.Treeview:
    frame = ttk.Frame(parent)
    frame.pack(fill="both", expand=True)
    tree = ttk.Treeview(frame, columns=list(columns), show="headings", selectmode="extended")
    for column in columns:
        tree.heading(column, text=column, anchor="w")
        width = round(_WIDTHS.get(column, 200) * scale)
        tree.column(column, width=width, minwidth=round(40 * scale), stretch=column not in _WIDTHS)
    down = ttk.Scrollbar(frame, orient="vertical", command=tree.yview)
    tree.configure(yscrollcommand=down.set)
    down.pack(side="right", fill="y")
    tree.pack(side="left", fill="both", expand=True)
    return tree


def _centre(window: tk.Toplevel, root: tk.Misc) -> None:
    window.geometry(f"+{root.winfo_rootx() + 160}+{root.winfo_rooty() + 120}")


def _set_fonts(root: tk.Tk) -> None:
    """Have Chinese in a font that holds it, and rows as high as its signs."""
    there = set(font.families(root))
    family = next((name for name in _FONTS if name in there), None)
    for name in ("TkDefaultFont", "TkTextFont", "TkMenuFont", "TkHeadingFont"):
        own = font.nametofont(name, root)
        own.configure(size=10)
        if family:
            own.configure(family=family)
    high = font.nametofont("TkDefaultFont", root).metrics("linespace")
    style = ttk.Style(root)
    if root.tk.call("tk", "windowingsystem") == "x11":
        style.theme_use("clam")  # the plain theme of X11 looks thirty years old
    style.configure("Treeview", rowheight=high + 6)


def made_root() -> tk.Tk:
    """Return a root window that files can be dropped on, where the extension for it is installed."""
    try:
        from tkinterdnd2 import TkinterDnD

        return TkinterDnD.Tk()  # type: ignore[no-any-return]
    except (ImportError, RuntimeError):
        return tk.Tk()


def _take_drops(root: tk.Tk, take: Callable[[Sequence[Path]], None]) -> None:
    if hasattr(root, "drop_target_register"):
        root.drop_target_register("DND_Files")
        root.dnd_bind("<<Drop>>", lambda event: take([Path(one) for one in root.tk.splitlist(event.data)]))  # type: ignore[attr-defined]


def show_file(path: Path) -> None:
    """Open a file in whatever program the system opens it with."""
    if sys.platform == "win32":
        os.startfile(path)
    else:
        subprocess.Popen(
            ["open" if sys.platform == "darwin" else "xdg-open", str(path)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def run(files: Sequence[Path] = ()) -> None:
    """Show the window, and what it is handed, until it is closed; raise LedgerError where there is no display."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.shcore.SetProcessDpiAwareness(1)  # else Windows blows a blurred picture up
    try:
        root = made_root()
    except tk.TclError as error:
        raise LedgerError(Stop.NO_DISPLAY) from error
    Window(root, files)
    root.mainloop()
