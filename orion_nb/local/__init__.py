"""One machine: worker processes and the in-process Runtime that hosts the scheduler."""
