"""The runtime as a process of its own, which a notebook outlives and which outlives a notebook.

`process` is its main program: it takes the place of its project (`local.place`), opens the durable
log (`log`), brings back what an earlier runtime knew (`recovery`), hosts a `local.Runtime`, serves
it (`server`, `service`) and ends when nobody needs it (`idle`). Nothing here decides what a task does
next: that is the machine's business, as in every host. Nor is a value ever unpickled here.
"""
