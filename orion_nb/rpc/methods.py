"""The methods of the service, as ``runtime.proto`` has them."""

from __future__ import annotations

from typing import Any

from .generated import _pool as generated_pool

SERVICE = "orion.v1.Runtime"

_pool: Any = generated_pool
METHODS: dict[str, tuple[Any, Any, bool, bool]] = {
    name: rest for name, *rest in _pool.methods_of("orion/v1/runtime.proto", "Runtime")
}
"""Name → request class, answer class, whether requests are many, whether answers are."""
