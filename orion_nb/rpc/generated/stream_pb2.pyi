# Written by `python -m orion_tools.protos` from proto/orion/v1; do not edit.
from . import tasks_pb2 as _tasks_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ToRuntime(_message.Message):
    __slots__ = ("request", "hello", "submit", "cancel", "retry", "forget", "follow", "watch", "unwatch", "seen", "news", "offer")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    SUBMIT_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    RETRY_FIELD_NUMBER: _ClassVar[int]
    FORGET_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_FIELD_NUMBER: _ClassVar[int]
    WATCH_FIELD_NUMBER: _ClassVar[int]
    UNWATCH_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    NEWS_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    request: int
    hello: Hello
    submit: Submit
    cancel: Cancel
    retry: Retry
    forget: Tasks
    follow: Tasks
    watch: Watch
    unwatch: Unwatch
    seen: Seen
    news: WorkerNews
    offer: Tasks
    def __init__(self, request: _Optional[int] = ..., hello: _Optional[_Union[Hello, _Mapping]] = ..., submit: _Optional[_Union[Submit, _Mapping]] = ..., cancel: _Optional[_Union[Cancel, _Mapping]] = ..., retry: _Optional[_Union[Retry, _Mapping]] = ..., forget: _Optional[_Union[Tasks, _Mapping]] = ..., follow: _Optional[_Union[Tasks, _Mapping]] = ..., watch: _Optional[_Union[Watch, _Mapping]] = ..., unwatch: _Optional[_Union[Unwatch, _Mapping]] = ..., seen: _Optional[_Union[Seen, _Mapping]] = ..., news: _Optional[_Union[WorkerNews, _Mapping]] = ..., offer: _Optional[_Union[Tasks, _Mapping]] = ...) -> None: ...

class FromRuntime(_message.Message):
    __slots__ = ("welcome", "ended", "acks", "feed", "orders", "farewell", "refusal")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    ACKS_FIELD_NUMBER: _ClassVar[int]
    FEED_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    FAREWELL_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    ended: _containers.RepeatedCompositeFieldContainer[Ended]
    acks: _containers.RepeatedCompositeFieldContainer[Ack]
    feed: Feed
    orders: _containers.RepeatedCompositeFieldContainer[WorkerOrder]
    farewell: str
    refusal: Error
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping]] = ..., ended: _Optional[_Iterable[_Union[Ended, _Mapping]]] = ..., acks: _Optional[_Iterable[_Union[Ack, _Mapping]]] = ..., feed: _Optional[_Union[Feed, _Mapping]] = ..., orders: _Optional[_Iterable[_Union[WorkerOrder, _Mapping]]] = ..., farewell: _Optional[str] = ..., refusal: _Optional[_Union[Error, _Mapping]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("protocol", "version", "session", "client", "pid", "token")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    version: str
    session: str
    client: str
    pid: int
    token: str
    def __init__(self, protocol: _Optional[int] = ..., version: _Optional[str] = ..., session: _Optional[str] = ..., client: _Optional[str] = ..., pid: _Optional[int] = ..., token: _Optional[str] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("protocol", "version", "epoch", "clock", "cache_dir", "cache_mark", "cache_limit", "durable", "kind", "cache_since")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    CACHE_DIR_FIELD_NUMBER: _ClassVar[int]
    CACHE_MARK_FIELD_NUMBER: _ClassVar[int]
    CACHE_LIMIT_FIELD_NUMBER: _ClassVar[int]
    DURABLE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CACHE_SINCE_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    version: str
    epoch: str
    clock: float
    cache_dir: str
    cache_mark: str
    cache_limit: int
    durable: bool
    kind: str
    cache_since: float
    def __init__(self, protocol: _Optional[int] = ..., version: _Optional[str] = ..., epoch: _Optional[str] = ..., clock: _Optional[float] = ..., cache_dir: _Optional[str] = ..., cache_mark: _Optional[str] = ..., cache_limit: _Optional[int] = ..., durable: _Optional[bool] = ..., kind: _Optional[str] = ..., cache_since: _Optional[float] = ...) -> None: ...

class Submit(_message.Message):
    __slots__ = ("more", "surroundings", "tables", "tasks", "patient")
    MORE_FIELD_NUMBER: _ClassVar[int]
    SURROUNDINGS_FIELD_NUMBER: _ClassVar[int]
    TABLES_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    PATIENT_FIELD_NUMBER: _ClassVar[int]
    more: bool
    surroundings: Surroundings
    tables: _tasks_pb2.Tables
    tasks: _containers.RepeatedCompositeFieldContainer[PackedTask]
    patient: bool
    def __init__(self, more: _Optional[bool] = ..., surroundings: _Optional[_Union[Surroundings, _Mapping]] = ..., tables: _Optional[_Union[_tasks_pb2.Tables, _Mapping]] = ..., tasks: _Optional[_Iterable[_Union[PackedTask, _Mapping]]] = ..., patient: _Optional[bool] = ...) -> None: ...

class Surroundings(_message.Message):
    __slots__ = ("directory", "path", "environment")
    DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    directory: bytes
    path: _containers.RepeatedScalarFieldContainer[bytes]
    environment: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, directory: _Optional[bytes] = ..., path: _Optional[_Iterable[bytes]] = ..., environment: _Optional[_Iterable[bytes]] = ...) -> None: ...

class PackedTask(_message.Message):
    __slots__ = ("task", "call", "blob", "kept", "given")
    TASK_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    BLOB_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    task: _tasks_pb2.Task
    call: bytes
    blob: str
    kept: bool
    given: Given
    def __init__(self, task: _Optional[_Union[_tasks_pb2.Task, _Mapping]] = ..., call: _Optional[bytes] = ..., blob: _Optional[str] = ..., kept: _Optional[bool] = ..., given: _Optional[_Union[Given, _Mapping]] = ...) -> None: ...

class Given(_message.Message):
    __slots__ = ("digest", "size", "data")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    digest: str
    size: int
    data: bytes
    def __init__(self, digest: _Optional[str] = ..., size: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class Cancel(_message.Message):
    __slots__ = ("tasks", "why")
    TASKS_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    tasks: _containers.RepeatedScalarFieldContainer[str]
    why: str
    def __init__(self, tasks: _Optional[_Iterable[str]] = ..., why: _Optional[str] = ...) -> None: ...

class Retry(_message.Message):
    __slots__ = ("tasks", "downstream")
    TASKS_FIELD_NUMBER: _ClassVar[int]
    DOWNSTREAM_FIELD_NUMBER: _ClassVar[int]
    tasks: _containers.RepeatedScalarFieldContainer[str]
    downstream: bool
    def __init__(self, tasks: _Optional[_Iterable[str]] = ..., downstream: _Optional[bool] = ...) -> None: ...

class Tasks(_message.Message):
    __slots__ = ("tasks",)
    TASKS_FIELD_NUMBER: _ClassVar[int]
    tasks: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, tasks: _Optional[_Iterable[str]] = ...) -> None: ...

class Watch(_message.Message):
    __slots__ = ("epoch", "seq", "everything")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EVERYTHING_FIELD_NUMBER: _ClassVar[int]
    epoch: str
    seq: int
    everything: bool
    def __init__(self, epoch: _Optional[str] = ..., seq: _Optional[int] = ..., everything: _Optional[bool] = ...) -> None: ...

class Unwatch(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Seen(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: int
    def __init__(self, items: _Optional[int] = ...) -> None: ...

class Ack(_message.Message):
    __slots__ = ("request", "error")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    request: int
    error: Error
    def __init__(self, request: _Optional[int] = ..., error: _Optional[_Union[Error, _Mapping]] = ...) -> None: ...

class Error(_message.Message):
    __slots__ = ("type", "message")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    type: str
    message: str
    def __init__(self, type: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class Ended(_message.Message):
    __slots__ = ("task", "state", "outputs")
    TASK_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    task: str
    state: _tasks_pb2.State
    outputs: _containers.RepeatedCompositeFieldContainer[Result]
    def __init__(self, task: _Optional[str] = ..., state: _Optional[_Union[_tasks_pb2.State, str]] = ..., outputs: _Optional[_Iterable[_Union[Result, _Mapping]]] = ...) -> None: ...

class Result(_message.Message):
    __slots__ = ("name", "digest", "size", "data")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    name: str
    digest: str
    size: int
    data: bytes
    def __init__(self, name: _Optional[str] = ..., digest: _Optional[str] = ..., size: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class Feed(_message.Message):
    __slots__ = ("epoch", "seq", "gap", "tables", "items")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    GAP_FIELD_NUMBER: _ClassVar[int]
    TABLES_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    epoch: str
    seq: int
    gap: bool
    tables: _tasks_pb2.Tables
    items: _containers.RepeatedCompositeFieldContainer[Item]
    def __init__(self, epoch: _Optional[str] = ..., seq: _Optional[int] = ..., gap: _Optional[bool] = ..., tables: _Optional[_Union[_tasks_pb2.Tables, _Mapping]] = ..., items: _Optional[_Iterable[_Union[Item, _Mapping]]] = ...) -> None: ...

class Item(_message.Message):
    __slots__ = ("change", "frame", "progress", "foreign")
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_FIELD_NUMBER: _ClassVar[int]
    change: _tasks_pb2.Change
    frame: _tasks_pb2.Frame
    progress: _tasks_pb2.Progress
    foreign: bool
    def __init__(self, change: _Optional[_Union[_tasks_pb2.Change, _Mapping]] = ..., frame: _Optional[_Union[_tasks_pb2.Frame, _Mapping]] = ..., progress: _Optional[_Union[_tasks_pb2.Progress, _Mapping]] = ..., foreign: _Optional[bool] = ...) -> None: ...

class WorkerOrder(_message.Message):
    __slots__ = ("worker", "number", "run", "steal", "cancel")
    WORKER_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    STEAL_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    worker: str
    number: int
    run: Assignment
    steal: bool
    cancel: bool
    def __init__(self, worker: _Optional[str] = ..., number: _Optional[int] = ..., run: _Optional[_Union[Assignment, _Mapping]] = ..., steal: _Optional[bool] = ..., cancel: _Optional[bool] = ...) -> None: ...

class Assignment(_message.Message):
    __slots__ = ("task", "attempt", "name", "refs", "inputs", "outputs")
    TASK_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REFS_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    task: str
    attempt: int
    name: str
    refs: _containers.RepeatedCompositeFieldContainer[_tasks_pb2.Ref]
    inputs: _containers.RepeatedCompositeFieldContainer[Given]
    outputs: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, task: _Optional[str] = ..., attempt: _Optional[int] = ..., name: _Optional[str] = ..., refs: _Optional[_Iterable[_Union[_tasks_pb2.Ref, _Mapping]]] = ..., inputs: _Optional[_Iterable[_Union[Given, _Mapping]]] = ..., outputs: _Optional[_Iterable[str]] = ...) -> None: ...

class WorkerNews(_message.Message):
    __slots__ = ("worker", "number", "epoch", "done", "failed", "lost", "abandoned", "stolen", "printed", "progress")
    WORKER_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    ABANDONED_FIELD_NUMBER: _ClassVar[int]
    STOLEN_FIELD_NUMBER: _ClassVar[int]
    PRINTED_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    worker: str
    number: int
    epoch: str
    done: Made
    failed: Broken
    lost: Lost
    abandoned: bool
    stolen: bool
    printed: Printed
    progress: _tasks_pb2.Progress
    def __init__(self, worker: _Optional[str] = ..., number: _Optional[int] = ..., epoch: _Optional[str] = ..., done: _Optional[_Union[Made, _Mapping]] = ..., failed: _Optional[_Union[Broken, _Mapping]] = ..., lost: _Optional[_Union[Lost, _Mapping]] = ..., abandoned: _Optional[bool] = ..., stolen: _Optional[bool] = ..., printed: _Optional[_Union[Printed, _Mapping]] = ..., progress: _Optional[_Union[_tasks_pb2.Progress, _Mapping]] = ...) -> None: ...

class Made(_message.Message):
    __slots__ = ("outputs", "seconds", "changed")
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    outputs: _containers.RepeatedCompositeFieldContainer[Result]
    seconds: float
    changed: bool
    def __init__(self, outputs: _Optional[_Iterable[_Union[Result, _Mapping]]] = ..., seconds: _Optional[float] = ..., changed: _Optional[bool] = ...) -> None: ...

class Broken(_message.Message):
    __slots__ = ("error", "exception")
    ERROR_FIELD_NUMBER: _ClassVar[int]
    EXCEPTION_FIELD_NUMBER: _ClassVar[int]
    error: _tasks_pb2.TaskError
    exception: bytes
    def __init__(self, error: _Optional[_Union[_tasks_pb2.TaskError, _Mapping]] = ..., exception: _Optional[bytes] = ...) -> None: ...

class Lost(_message.Message):
    __slots__ = ("digest", "why")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    digest: str
    why: str
    def __init__(self, digest: _Optional[str] = ..., why: _Optional[str] = ...) -> None: ...

class Printed(_message.Message):
    __slots__ = ("frames",)
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[_tasks_pb2.Frame]
    def __init__(self, frames: _Optional[_Iterable[_Union[_tasks_pb2.Frame, _Mapping]]] = ...) -> None: ...
