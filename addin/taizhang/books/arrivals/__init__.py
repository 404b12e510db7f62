"""Whatever comes back, opened: what a file is, what it holds, and why it cannot be read.

Files of others are parsed in a process of their own, see `worker`; this side only sends bytes
and takes plain values. Source: `merge.md`, Intake.
"""
