"""How much of a returned file is read before it is refused. Source: `merge.md`, Intake."""

from __future__ import annotations

MIB = 1 << 20
FILE = 100 * MIB  # bytes of a file as it lies on disk
UNPACKED = 50 * MIB  # bytes of all parts of one file, unpacked
RATIO, RATIO_FROM = 300, 5 * MIB  # unpacked to packed, where it is worth a thought: a ledger has 5 to 30
ROWS = 200_000  # of one sheet
COLUMNS = 500  # of one sheet that are looked at; our forms have 22, and departments add a few
AREA = 5_000_000  # cells from A1 to the last filled one that a grid may span
MARKS = 100_000  # cells of a sheet that its reader shows as something else
MEMBERS = 2_000  # files in one archive or mail
DEPTH = 3  # an archive in a mail in an archive
SECONDS = 20  # for one file
MEMORY = 1024 * MIB  # address space of the process that reads
REPLY = 64 * MIB  # bytes of what it gives back
CELLS = 12 * MIB  # bytes of one file's cells: some forty thousand filled ones, with sentences in them
TOGETHER = 120  # seconds for everything in one archive or mail
