# Written by `python -m orion_tools.protos` from proto/orion/v1; do not edit.
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATE_NONE: _ClassVar[State]
    WAITING: _ClassVar[State]
    PROBING: _ClassVar[State]
    READY: _ClassVar[State]
    RUNNING: _ClassVar[State]
    BACKOFF: _ClassVar[State]
    DONE: _ClassVar[State]
    FAILED: _ClassVar[State]
    UPSTREAM_FAILED: _ClassVar[State]
    CANCELLED: _ClassVar[State]

class CacheMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CACHE_DEFAULT: _ClassVar[CacheMode]
    CACHE_RECOMPUTE: _ClassVar[CacheMode]
    CACHE_OFF: _ClassVar[CacheMode]

class WorkerKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROCESS: _ClassVar[WorkerKind]
    THREAD: _ClassVar[WorkerKind]
STATE_NONE: State
WAITING: State
PROBING: State
READY: State
RUNNING: State
BACKOFF: State
DONE: State
FAILED: State
UPSTREAM_FAILED: State
CANCELLED: State
CACHE_DEFAULT: CacheMode
CACHE_RECOMPUTE: CacheMode
CACHE_OFF: CacheMode
PROCESS: WorkerKind
THREAD: WorkerKind

class Tables(_message.Message):
    __slots__ = ("strings", "policies", "components")
    STRINGS_FIELD_NUMBER: _ClassVar[int]
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    strings: _containers.RepeatedScalarFieldContainer[str]
    policies: _containers.RepeatedCompositeFieldContainer[Policy]
    components: _containers.RepeatedCompositeFieldContainer[Component]
    def __init__(self, strings: _Optional[_Iterable[str]] = ..., policies: _Optional[_Iterable[_Union[Policy, _Mapping]]] = ..., components: _Optional[_Iterable[_Union[Component, _Mapping]]] = ...) -> None: ...

class Policy(_message.Message):
    __slots__ = ("cache", "retries", "lost_worker_retries", "timeout", "wait_timeout", "speculate_after", "impure", "kind", "priority")
    CACHE_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    LOST_WORKER_RETRIES_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    WAIT_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    SPECULATE_AFTER_FIELD_NUMBER: _ClassVar[int]
    IMPURE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    cache: CacheMode
    retries: int
    lost_worker_retries: int
    timeout: float
    wait_timeout: float
    speculate_after: float
    impure: bool
    kind: WorkerKind
    priority: int
    def __init__(self, cache: _Optional[_Union[CacheMode, str]] = ..., retries: _Optional[int] = ..., lost_worker_retries: _Optional[int] = ..., timeout: _Optional[float] = ..., wait_timeout: _Optional[float] = ..., speculate_after: _Optional[float] = ..., impure: _Optional[bool] = ..., kind: _Optional[_Union[WorkerKind, str]] = ..., priority: _Optional[int] = ...) -> None: ...

class Component(_message.Message):
    __slots__ = ("kind", "name", "digest", "note")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    name: str
    digest: str
    note: str
    def __init__(self, kind: _Optional[str] = ..., name: _Optional[str] = ..., digest: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class Recipe(_message.Message):
    __slots__ = ("components", "provenance")
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    components: _containers.RepeatedScalarFieldContainer[int]
    provenance: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, components: _Optional[_Iterable[int]] = ..., provenance: _Optional[_Iterable[str]] = ...) -> None: ...

class Ref(_message.Message):
    __slots__ = ("task", "output")
    TASK_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    task: str
    output: str
    def __init__(self, task: _Optional[str] = ..., output: _Optional[str] = ...) -> None: ...

class Task(_message.Message):
    __slots__ = ("id", "name", "inputs", "after", "outputs", "group", "recipe", "uncached_because", "policy", "session", "labels")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    RECIPE_FIELD_NUMBER: _ClassVar[int]
    UNCACHED_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: int
    inputs: _containers.RepeatedCompositeFieldContainer[Ref]
    after: _containers.RepeatedScalarFieldContainer[str]
    outputs: _containers.RepeatedScalarFieldContainer[int]
    group: int
    recipe: Recipe
    uncached_because: int
    policy: int
    session: int
    labels: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, id: _Optional[str] = ..., name: _Optional[int] = ..., inputs: _Optional[_Iterable[_Union[Ref, _Mapping]]] = ..., after: _Optional[_Iterable[str]] = ..., outputs: _Optional[_Iterable[int]] = ..., group: _Optional[int] = ..., recipe: _Optional[_Union[Recipe, _Mapping]] = ..., uncached_because: _Optional[int] = ..., policy: _Optional[int] = ..., session: _Optional[int] = ..., labels: _Optional[_Iterable[int]] = ...) -> None: ...

class Output(_message.Message):
    __slots__ = ("name", "digest", "size")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    name: str
    digest: str
    size: int
    def __init__(self, name: _Optional[str] = ..., digest: _Optional[str] = ..., size: _Optional[int] = ...) -> None: ...

class TaskError(_message.Message):
    __slots__ = ("kind", "type", "message", "traceback", "blob", "final")
    KIND_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TRACEBACK_FIELD_NUMBER: _ClassVar[int]
    BLOB_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    kind: str
    type: str
    message: str
    traceback: str
    blob: str
    final: bool
    def __init__(self, kind: _Optional[str] = ..., type: _Optional[str] = ..., message: _Optional[str] = ..., traceback: _Optional[str] = ..., blob: _Optional[str] = ..., final: _Optional[bool] = ...) -> None: ...

class ActionResult(_message.Message):
    __slots__ = ("key", "outputs", "duration", "transcript", "origin", "created")
    KEY_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIPT_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    key: str
    outputs: _containers.RepeatedCompositeFieldContainer[Output]
    duration: float
    transcript: str
    origin: str
    created: float
    def __init__(self, key: _Optional[str] = ..., outputs: _Optional[_Iterable[_Union[Output, _Mapping]]] = ..., duration: _Optional[float] = ..., transcript: _Optional[str] = ..., origin: _Optional[str] = ..., created: _Optional[float] = ...) -> None: ...

class Change(_message.Message):
    __slots__ = ("seq", "at", "task", "old", "new", "why", "attempt", "worker", "detail")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    OLD_FIELD_NUMBER: _ClassVar[int]
    NEW_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    WORKER_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    seq: int
    at: float
    task: str
    old: State
    new: State
    why: str
    attempt: int
    worker: str
    detail: _containers.RepeatedCompositeFieldContainer[Fact]
    def __init__(self, seq: _Optional[int] = ..., at: _Optional[float] = ..., task: _Optional[str] = ..., old: _Optional[_Union[State, str]] = ..., new: _Optional[_Union[State, str]] = ..., why: _Optional[str] = ..., attempt: _Optional[int] = ..., worker: _Optional[str] = ..., detail: _Optional[_Iterable[_Union[Fact, _Mapping]]] = ...) -> None: ...

class Fact(_message.Message):
    __slots__ = ("name", "text", "number", "flag", "error", "task", "outputs", "result", "names", "whole")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    FLAG_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    WHOLE_FIELD_NUMBER: _ClassVar[int]
    name: str
    text: str
    number: float
    flag: bool
    error: TaskError
    task: Task
    outputs: Outputs
    result: ActionResult
    names: Names
    whole: int
    def __init__(self, name: _Optional[str] = ..., text: _Optional[str] = ..., number: _Optional[float] = ..., flag: _Optional[bool] = ..., error: _Optional[_Union[TaskError, _Mapping]] = ..., task: _Optional[_Union[Task, _Mapping]] = ..., outputs: _Optional[_Union[Outputs, _Mapping]] = ..., result: _Optional[_Union[ActionResult, _Mapping]] = ..., names: _Optional[_Union[Names, _Mapping]] = ..., whole: _Optional[int] = ...) -> None: ...

class Outputs(_message.Message):
    __slots__ = ("outputs",)
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    outputs: _containers.RepeatedCompositeFieldContainer[Output]
    def __init__(self, outputs: _Optional[_Iterable[_Union[Output, _Mapping]]] = ...) -> None: ...

class Names(_message.Message):
    __slots__ = ("names",)
    NAMES_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, names: _Optional[_Iterable[str]] = ...) -> None: ...

class Frame(_message.Message):
    __slots__ = ("task", "attempt", "seq", "kind", "data", "at")
    TASK_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    task: str
    attempt: int
    seq: int
    kind: str
    data: bytes
    at: float
    def __init__(self, task: _Optional[str] = ..., attempt: _Optional[int] = ..., seq: _Optional[int] = ..., kind: _Optional[str] = ..., data: _Optional[bytes] = ..., at: _Optional[float] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("task", "attempt", "done", "total", "message", "at")
    TASK_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    task: str
    attempt: int
    done: float
    total: float
    message: str
    at: float
    def __init__(self, task: _Optional[str] = ..., attempt: _Optional[int] = ..., done: _Optional[float] = ..., total: _Optional[float] = ..., message: _Optional[str] = ..., at: _Optional[float] = ...) -> None: ...
