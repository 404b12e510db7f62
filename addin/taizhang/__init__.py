"""营商台账: an Excel ledger's closed loop, on closed files and inside the spreadsheet."""

__version__ = "0.1.0"
