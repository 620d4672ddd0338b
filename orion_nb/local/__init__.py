"""Runs tasks on this machine: worker processes (or threads), and the `Runtime` that hosts the machine.

The way of a call: `calls` turns a function and its arguments into bytes and finds the
ObjectRefs in them; `host` feeds `core.Scheduler` and performs its commands; `process_workers` moves
framed messages (`wire`) to worker processes, which a clean fork server made (`launch`,
`forkserver`); `worker` runs the code, `capture` takes its output; results come back as
digests, large values go straight into the store. `feed` tells watchers.

Not here: deciding anything about a task's life (`core`), how values are encoded or kept
(`store`), what makes two calls equal (`keys`), notebooks (`magics`).
"""

from .calls import Call, new_task_id

__all__ = ["Call", "new_task_id"]
