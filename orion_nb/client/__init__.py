"""How the notebook talks to whatever runs its tasks: one small `Session`, and what travels.

`session.Session` is the narrow interface; `local_session.LocalSession` serves it from a
`local.Runtime` in this process. A detached process or a cluster will serve the same one, so
nothing here hands out a Runtime, a store or a connection.
"""

from orion_nb.local.calls import Call

__all__ = ["Call"]
