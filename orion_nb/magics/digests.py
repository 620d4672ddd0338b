"""What results are, as far as the session knows."""

from __future__ import annotations

from orion_nb.client.session import Session
from orion_nb.core.model import Digest, ObjectRef


def digest_of(session: Session, ref: ObjectRef) -> Digest | None:
    """The digest of a result; None while it is not there, or when it was forgotten."""
    report = session.report(ref.task)
    output = report.outputs.get(ref.output) if report is not None else None
    return output.digest if output is not None else None
