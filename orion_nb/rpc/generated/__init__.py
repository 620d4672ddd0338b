# Written by `python -m orion_tools.protos` from proto/orion/v1; do not edit.
"""Messages of the protocol; see `proto/orion/v1`."""
