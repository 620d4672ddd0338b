# Written by `python -m orion_tools.protos` from proto/orion/v1; do not edit.
from . import tasks_pb2 as _tasks_pb2
from . import stream_pb2 as _stream_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Empty(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class TaskName(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class SessionName(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class Count(_message.Message):
    __slots__ = ("count",)
    COUNT_FIELD_NUMBER: _ClassVar[int]
    count: int
    def __init__(self, count: _Optional[int] = ...) -> None: ...

class Seconds(_message.Message):
    __slots__ = ("seconds",)
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    seconds: float
    def __init__(self, seconds: _Optional[float] = ...) -> None: ...

class Digest(_message.Message):
    __slots__ = ("digest",)
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    digest: str
    def __init__(self, digest: _Optional[str] = ...) -> None: ...

class Digests(_message.Message):
    __slots__ = ("digests",)
    DIGESTS_FIELD_NUMBER: _ClassVar[int]
    digests: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, digests: _Optional[_Iterable[str]] = ...) -> None: ...

class TaskReports(_message.Message):
    __slots__ = ("tables", "reports")
    TABLES_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    tables: _tasks_pb2.Tables
    reports: _containers.RepeatedCompositeFieldContainer[TaskReport]
    def __init__(self, tables: _Optional[_Union[_tasks_pb2.Tables, _Mapping]] = ..., reports: _Optional[_Iterable[_Union[TaskReport, _Mapping]]] = ...) -> None: ...

class TaskReport(_message.Message):
    __slots__ = ("task", "state", "key", "outputs", "error", "hit", "root", "story")
    TASK_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    HIT_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    STORY_FIELD_NUMBER: _ClassVar[int]
    task: _tasks_pb2.Task
    state: _tasks_pb2.State
    key: str
    outputs: _containers.RepeatedCompositeFieldContainer[_tasks_pb2.Output]
    error: _tasks_pb2.TaskError
    hit: _tasks_pb2.ActionResult
    root: str
    story: _containers.RepeatedCompositeFieldContainer[_tasks_pb2.Change]
    def __init__(self, task: _Optional[_Union[_tasks_pb2.Task, _Mapping]] = ..., state: _Optional[_Union[_tasks_pb2.State, str]] = ..., key: _Optional[str] = ..., outputs: _Optional[_Iterable[_Union[_tasks_pb2.Output, _Mapping]]] = ..., error: _Optional[_Union[_tasks_pb2.TaskError, _Mapping]] = ..., hit: _Optional[_Union[_tasks_pb2.ActionResult, _Mapping]] = ..., root: _Optional[str] = ..., story: _Optional[_Iterable[_Union[_tasks_pb2.Change, _Mapping]]] = ...) -> None: ...

class FramesSince(_message.Message):
    __slots__ = ("task", "since")
    TASK_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    task: str
    since: int
    def __init__(self, task: _Optional[str] = ..., since: _Optional[int] = ...) -> None: ...

class FrameBatch(_message.Message):
    __slots__ = ("frames",)
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[_tasks_pb2.Frame]
    def __init__(self, frames: _Optional[_Iterable[_Union[_tasks_pb2.Frame, _Mapping]]] = ...) -> None: ...

class Wanted(_message.Message):
    __slots__ = ("task", "output", "lost")
    TASK_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    task: str
    output: str
    lost: str
    def __init__(self, task: _Optional[str] = ..., output: _Optional[str] = ..., lost: _Optional[str] = ...) -> None: ...

class Located(_message.Message):
    __slots__ = ("digest", "size", "data")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    digest: str
    size: int
    data: bytes
    def __init__(self, digest: _Optional[str] = ..., size: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class FailureReport(_message.Message):
    __slots__ = ("name", "state", "error", "exception", "tables", "story")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    EXCEPTION_FIELD_NUMBER: _ClassVar[int]
    TABLES_FIELD_NUMBER: _ClassVar[int]
    STORY_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: _tasks_pb2.State
    error: _tasks_pb2.TaskError
    exception: bytes
    tables: _tasks_pb2.Tables
    story: _containers.RepeatedCompositeFieldContainer[_tasks_pb2.Change]
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[_tasks_pb2.State, str]] = ..., error: _Optional[_Union[_tasks_pb2.TaskError, _Mapping]] = ..., exception: _Optional[bytes] = ..., tables: _Optional[_Union[_tasks_pb2.Tables, _Mapping]] = ..., story: _Optional[_Iterable[_Union[_tasks_pb2.Change, _Mapping]]] = ...) -> None: ...

class Acceptance(_message.Message):
    __slots__ = ("task", "key", "components", "name")
    TASK_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    task: str
    key: str
    components: _containers.RepeatedCompositeFieldContainer[_tasks_pb2.Component]
    name: str
    def __init__(self, task: _Optional[str] = ..., key: _Optional[str] = ..., components: _Optional[_Iterable[_Union[_tasks_pb2.Component, _Mapping]]] = ..., name: _Optional[str] = ...) -> None: ...

class Chunk(_message.Message):
    __slots__ = ("data", "total", "digest")
    DATA_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    total: int
    digest: str
    def __init__(self, data: _Optional[bytes] = ..., total: _Optional[int] = ..., digest: _Optional[str] = ...) -> None: ...

class ProbeAnswers(_message.Message):
    __slots__ = ("hits",)
    HITS_FIELD_NUMBER: _ClassVar[int]
    hits: _containers.RepeatedCompositeFieldContainer[_tasks_pb2.ActionResult]
    def __init__(self, hits: _Optional[_Iterable[_Union[_tasks_pb2.ActionResult, _Mapping]]] = ...) -> None: ...

class KeyUses(_message.Message):
    __slots__ = ("uses",)
    USES_FIELD_NUMBER: _ClassVar[int]
    uses: _containers.RepeatedCompositeFieldContainer[KeyUse]
    def __init__(self, uses: _Optional[_Iterable[_Union[KeyUse, _Mapping]]] = ...) -> None: ...

class KeyUse(_message.Message):
    __slots__ = ("key", "components", "at")
    KEY_FIELD_NUMBER: _ClassVar[int]
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    key: str
    components: _containers.RepeatedCompositeFieldContainer[_tasks_pb2.Component]
    at: float
    def __init__(self, key: _Optional[str] = ..., components: _Optional[_Iterable[_Union[_tasks_pb2.Component, _Mapping]]] = ..., at: _Optional[float] = ...) -> None: ...

class CacheState(_message.Message):
    __slots__ = ("entries", "bytes", "limit", "path")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    entries: int
    bytes: int
    limit: int
    path: str
    def __init__(self, entries: _Optional[int] = ..., bytes: _Optional[int] = ..., limit: _Optional[int] = ..., path: _Optional[str] = ...) -> None: ...

class CacheEntries(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[CacheEntry]
    def __init__(self, entries: _Optional[_Iterable[_Union[CacheEntry, _Mapping]]] = ...) -> None: ...

class CacheEntry(_message.Message):
    __slots__ = ("key", "name", "bytes", "duration", "created")
    KEY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    key: str
    name: str
    bytes: int
    duration: float
    created: float
    def __init__(self, key: _Optional[str] = ..., name: _Optional[str] = ..., bytes: _Optional[int] = ..., duration: _Optional[float] = ..., created: _Optional[float] = ...) -> None: ...

class RuntimeState(_message.Message):
    __slots__ = ("kind", "pid", "version", "python", "started", "cache", "log", "workers", "events", "sessions")
    KIND_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PYTHON_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    CACHE_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    pid: int
    version: str
    python: str
    started: float
    cache: str
    log: str
    workers: _containers.RepeatedCompositeFieldContainer[WorkerState]
    events: _containers.RepeatedScalarFieldContainer[str]
    sessions: _containers.RepeatedCompositeFieldContainer[SessionState]
    def __init__(self, kind: _Optional[str] = ..., pid: _Optional[int] = ..., version: _Optional[str] = ..., python: _Optional[str] = ..., started: _Optional[float] = ..., cache: _Optional[str] = ..., log: _Optional[str] = ..., workers: _Optional[_Iterable[_Union[WorkerState, _Mapping]]] = ..., events: _Optional[_Iterable[str]] = ..., sessions: _Optional[_Iterable[_Union[SessionState, _Mapping]]] = ...) -> None: ...

class WorkerStates(_message.Message):
    __slots__ = ("workers",)
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    workers: _containers.RepeatedCompositeFieldContainer[WorkerState]
    def __init__(self, workers: _Optional[_Iterable[_Union[WorkerState, _Mapping]]] = ...) -> None: ...

class WorkerState(_message.Message):
    __slots__ = ("id", "kind", "task")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: str
    task: str
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[str] = ..., task: _Optional[str] = ...) -> None: ...

class SessionState(_message.Message):
    __slots__ = ("name", "connected", "waiting", "running", "done", "failed")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONNECTED_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    name: str
    connected: bool
    waiting: int
    running: int
    done: int
    failed: int
    def __init__(self, name: _Optional[str] = ..., connected: _Optional[bool] = ..., waiting: _Optional[int] = ..., running: _Optional[int] = ..., done: _Optional[int] = ..., failed: _Optional[int] = ...) -> None: ...

class Versions(_message.Message):
    __slots__ = ("versions",)
    class VersionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.ScalarMap[str, str]
    def __init__(self, versions: _Optional[_Mapping[str, str]] = ...) -> None: ...

class NoteText(_message.Message):
    __slots__ = ("key", "data")
    KEY_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    key: str
    data: bytes
    def __init__(self, key: _Optional[str] = ..., data: _Optional[bytes] = ...) -> None: ...
