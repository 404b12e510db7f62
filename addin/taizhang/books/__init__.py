"""Hosts: the only place that knows a spreadsheet library or the file system."""
