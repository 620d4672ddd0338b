"""Runs tasks on this machine: worker processes (or threads), and the `Runtime` that hosts the machine.

The way of a call: `submitting` turns a function and its arguments (`calls`) into a `records.Record`;
`host` steps `core.Scheduler` and performs its commands; `crew` hands attempts to the workers and
turns their messages into facts; `ledger` keeps the records in step with the changes;
`transcripts` and `feed` tell watchers; `getting` waits and gives values.

Workers: `process_workers` moves framed messages (`wire`) to processes that a clean fork server
made (`launch`, `forkserver`); in them `worker` runs the code, `capture` takes its output, and
`attendant` hears what must be heard meanwhile. `thread_workers` do the same in this process.
Results come back as digests; large values go straight into the store. `caching` deals with the
action cache, `foresight` fetches hits ahead.

Not here: deciding anything about a task's life (`core`), how values are encoded or kept
(`store`), what makes two calls equal (`keys`), notebooks (`magics`).
"""

from .calls import Call, new_task_id

__all__ = ["Call", "new_task_id"]
