"""The notebook's side of Orion: cells become tasks, and what they print comes back under them.

A magic parses, then delegates. `%%orion_task` goes: options → `declare` (analysis, names,
recipe) → `notebook` (what is known of every task cell) → the client's `Session`. In a worker
`cell_runner` runs the cell as the kernel would have. Back: the session's feed → `transcript`,
which writes under the cell that submitted. `prologue` makes a plain cell wait for what it reads.

Not here: scheduling, storing, drawing the graph (`core`, `store`, `widget`).
"""

import time

BEGAN = time.monotonic()
"""When this process began to import the room: what `%load_ext` may take counts from here."""
