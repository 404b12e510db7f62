"""A memory cap on Windows, by a Job Object. Written from the documentation; not tried on Windows."""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes

_EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
_PROCESS_MEMORY, _DIE_ON_EXCEPTION = 0x100, 0x400


class _Basic(ctypes.Structure):
    _fields_ = (
        ("per_process_time", wintypes.LARGE_INTEGER),
        ("per_job_time", wintypes.LARGE_INTEGER),
        ("flags", wintypes.DWORD),
        ("minimum_working_set", ctypes.c_size_t),
        ("maximum_working_set", ctypes.c_size_t),
        ("active_processes", wintypes.DWORD),
        ("affinity", ctypes.c_size_t),
        ("priority", wintypes.DWORD),
        ("scheduling", wintypes.DWORD),
    )


class _Extended(ctypes.Structure):
    _fields_ = (
        ("basic", _Basic),
        ("io_counters", ctypes.c_ulonglong * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


def cap_memory(most: int) -> None:
    """Put this process into a job in which it may commit `most` bytes; where that fails, it goes on without."""
    if sys.platform != "win32":
        return
    kernel = ctypes.WinDLL("kernel32")
    kernel.CreateJobObjectW.restype = wintypes.HANDLE
    kernel.GetCurrentProcess.restype = wintypes.HANDLE
    kernel.SetInformationJobObject.argtypes = (wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD)
    kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
    wanted = _Extended()
    wanted.basic.flags = _PROCESS_MEMORY | _DIE_ON_EXCEPTION
    wanted.process_memory = most
    job = kernel.CreateJobObjectW(None, None)
    if job and kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(wanted), ctypes.sizeof(wanted)):
        kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())
