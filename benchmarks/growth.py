"""Measures how the merge grows with the number of files, and its memory: `python benchmarks/growth.py`, see README.md."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from merge import MERGE, act_of, made
from sides import MEMORY, Target, in_turns, judged, machine, measured, parser, say, table

FILES, SMALL, STEP = 4_000, 32, 4
MOST = 4.2  # times as long for four times as many


def main(arguments: Sequence[str] | None = None) -> None:
    """Merge a sixteenth of the files, a quarter and all of them, and print the table."""
    options = _options(arguments)
    if options.measure:
        say(json.dumps(measured(act_of(MERGE, options.folder, int(options.measure)))))
        return
    files = SMALL if options.small else options.files
    counts = [str(files // STEP**2), str(files // STEP), str(files)]
    with tempfile.TemporaryDirectory() as own:
        folder = options.folder or Path(own)
        made(folder, files)
        found = in_turns(__file__, counts, options.runs, "--folder", str(folder))
        named = {_named(count): one for count, one in found.items()}
        for line in (*table(named, _named(counts[-1])), *(() if options.small else judged(targets(files), named))):
            say(line)
    say(machine())


def targets(files: int) -> tuple[Target, ...]:
    """Return what must hold up to so many files."""
    few, some, all_ = (_named(str(count)) for count in (files // STEP**2, files // STEP, files))
    return (
        Target(f"增长：{files // STEP**2:,} 个文件到 {files // STEP:,} 个", some, few, MOST),
        Target(f"增长：{files // STEP:,} 个文件到 {files:,} 个", all_, some, MOST),
        Target(f"合并 {files:,} 个文件时主进程内存的峰值", all_, MEMORY, 400),
    )


def _named(count: str) -> str:
    return f"{int(count):,} files"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    own = parser(__doc__, None, small=f"{SMALL} workbooks", kept="--folder", runs=2)
    own.add_argument("--files", type=int, default=FILES, help=f"returned workbooks at most (default {FILES:,})")
    return own.parse_args(arguments)


if __name__ == "__main__":
    main()
