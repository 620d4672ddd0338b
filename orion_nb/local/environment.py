"""Which Python and which packages code in this process finds."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Mapping


def environment(packages: Iterable[str]) -> dict[str, str]:
    """Versions that code in this process finds. See `Session.environment`."""
    from importlib import metadata  # 60 ms

    found = {
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
    }
    by_module: Mapping[str, list[str]] | None = None
    for name in packages:
        try:
            found[name] = metadata.version(name)
            continue
        except metadata.PackageNotFoundError:
            if by_module is None:
                by_module = metadata.packages_distributions()
        names = sorted(set(by_module.get(name, ())))
        found[name] = ", ".join(metadata.version(each) for each in names)
    return found
