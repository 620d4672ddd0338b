# Written by `python -m orion_tools.protos` from proto/orion/v1; do not edit.
from ._pool import names_of

globals().update(names_of("orion/v1/runtime.proto"))
