"""A function with its arguments as one blob, the futures among them left open.

`encode_call` finds every `ObjectRef` anywhere in the arguments (in lists, dicts, objects,
also captured by the function) and leaves a mark; `decode_call` puts values in their place.

**A function is encoded as it is at the moment of the submission**: later changes of the
globals that it reads, of what it captured, or of its defaults do not reach calls already
submitted, and always reach the next one. To make that cheap, bytes of a function are kept
only while everything that went into them is provably unchanged: its code, defaults,
captured values and globals are compared by identity on every call, and only functions
whose every such part is immutable (a number, a string, a module, something importable,
or another such function) are kept at all. Whoever captures a list is encoded anew each time.

A worker keeps decoded functions under the same watch, so what one call leaves behind in a
function (an attribute, a `nonlocal` counter) never reaches the next call.
"""

from __future__ import annotations

import pickle
import threading
import types
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...core.model import ObjectRef
from ...exceptions import Undecodable
from ..digests import Buffer
from . import diagnose
from .layout import ANY_PYTHON, CALL, PYTHON, REUSABLE, Encoded, pack, unpack
from .pickler import PROTOCOL, Reducer, dump, is_quick
from .stability import Watch, watch
from .values import undecodable, writable

Resolve = Callable[[ObjectRef], Any]
Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]

MAX_DECODED = 256
"""Functions that a worker keeps in decoded form."""

_NO_ARGUMENTS = pickle.dumps(((), {}), PROTOCOL)

_encoded: weakref.WeakKeyDictionary[Callable[..., Any], tuple[Watch, bytes, bool]] = (
    weakref.WeakKeyDictionary()
)
_encoded_lock = threading.Lock()
_decoded: OrderedDict[bytes, tuple[Watch, Callable[..., Any]]] = OrderedDict()
_decoded_lock = threading.Lock()


def encode_call(
    fn: Callable[..., Any], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
) -> tuple[Encoded, tuple[ObjectRef, ...]]:
    """Encode ``fn(*args, **kwargs)``.

    :return: the blob, and the distinct ObjectRefs in it in the order met: the dependencies.
    :raises NotPicklable: names the argument, or the part of the function, that cannot travel.
    """
    kwargs = kwargs or {}
    kept = _function_bytes(fn)
    refs: dict[ObjectRef, None] = {}
    if kept is not None and not kwargs:
        plain = _quick_arguments(args, refs)
        if plain is not None:
            return _pack_quick(*kept, plain), tuple(refs)

    def mark(ref: ObjectRef) -> tuple[Any, ...]:
        refs.setdefault(ref)
        return take, (ref.task, ref.output)

    special: Mapping[type, Reducer] = {ObjectRef: mark}
    if kept is None:
        return _encode_whole(fn, tuple(args), dict(kwargs), refs, special)
    function, by_value = kept
    flags = CALL | REUSABLE
    args = tuple(args)
    try:
        streams, buffers, code = dump((args, dict(kwargs)), special)
    except Exception as error:
        raise _blame(fn, args, kwargs, error) from error
    encoded = pack(
        (function, *streams),
        buffers,
        flags=flags,
        python=PYTHON if by_value or code else ANY_PYTHON,
        function_length=len(function),
    )
    return encoded, tuple(refs)


class _Mark:
    """Stands for an ObjectRef among quick arguments: plain pickle turns it into `take`."""

    __slots__ = ("ref",)

    def __init__(self, ref: ObjectRef) -> None:
        self.ref = ref

    def __reduce__(self) -> tuple[Any, ...]:
        return take, (self.ref.task, self.ref.output)


def _quick_arguments(args: Sequence[Any], refs: dict[ObjectRef, None]) -> bytes | None:
    """The stream of a few short scalars and ObjectRefs; None: not only those.

    Graphs of many small tasks consist of such calls, and this takes a third of the time."""
    if not args:
        return _NO_ARGUMENTS
    plain = tuple(args)
    if not is_quick(plain):
        if len(plain) > 8:
            return None
        found = [arg for arg in plain if type(arg) is ObjectRef]
        if not found or not is_quick(tuple([arg for arg in plain if type(arg) is not ObjectRef])):
            return None
        refs.update(dict.fromkeys(found))
        plain = tuple([_Mark(arg) if type(arg) is ObjectRef else arg for arg in plain])
    return pickle.dumps((plain, {}), PROTOCOL)


def _pack_quick(function: bytes, by_value: bool, stream: bytes) -> Encoded:
    return pack(
        (function, stream),
        flags=CALL | REUSABLE,
        python=PYTHON if by_value else ANY_PYTHON,
        function_length=len(function),
    )


def decode_call(buffer: Buffer, resolve: Resolve) -> Call:
    """The function and its arguments; `resolve` gives the value of each ObjectRef, once each.

    What `resolve` raises is passed on as it is.

    :raises Undecodable: as `decode`.
    """
    parts = unpack(writable(buffer))
    if not parts.flags & CALL:
        raise Undecodable("a value, not a call")
    with _Resolving(resolve) as resolving:
        try:
            if not parts.function:
                fn, args, kwargs = pickle.loads(parts.stream, buffers=parts.buffers)
            else:
                fn = _function(parts.function, bool(parts.flags & REUSABLE))
                args, kwargs = pickle.loads(parts.stream, buffers=parts.buffers)
        except Exception as error:
            if resolving.error is not None:
                raise resolving.error from None
            raise undecodable(error) from error
    return fn, args, kwargs


def take(task: str, output: str) -> Any:
    """Stands in a call's stream where an ObjectRef stood in the arguments."""
    current = _local.current
    if current is None:
        raise Undecodable("an encoded call can only be read by decode_call")
    return current.value(ObjectRef(task, output))


def forget_functions() -> None:
    """Drop all kept functions, encoded and decoded (after modules were reloaded)."""
    with _encoded_lock:
        _encoded.clear()
    with _decoded_lock:
        _decoded.clear()


class _Local(threading.local):
    current: _Resolving | None = None


_local = _Local()


class _Resolving:
    """The resolver in force on this thread while a call is decoded; nests."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._values: dict[ObjectRef, Any] = {}
        self.error: Exception | None = None

    def __enter__(self) -> _Resolving:
        self._outer, _local.current = _local.current, self
        return self

    def __exit__(self, *exc: object) -> None:
        _local.current = self._outer

    def value(self, ref: ObjectRef) -> Any:
        if ref not in self._values:
            try:
                self._values[ref] = self._resolve(ref)
            except Exception as error:
                self.error = error
                raise
        return self._values[ref]


def _function_bytes(fn: Callable[..., Any]) -> tuple[bytes, bool] | None:
    """The function's own stream if it may be kept and reused; None: encode it with the call."""
    if type(fn) is not types.FunctionType and not isinstance(fn, type):
        return None
    with _encoded_lock:
        entry = _encoded.get(fn)
    if entry is not None and entry[0].holds():
        return entry[1], entry[2]
    watched = watch(fn)
    if watched is None:
        return None
    try:
        streams, buffers, by_value = dump(fn)
    except Exception as error:
        raise diagnose.not_picklable(fn, f"function {fn.__qualname__}", error) from error
    if buffers:
        return None
    data = b"".join(streams)
    with _encoded_lock:
        _encoded[fn] = (watched, data, by_value)
    return data, by_value


def _encode_whole(
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    refs: dict[ObjectRef, None],
    special: Mapping[type, Reducer],
) -> tuple[Encoded, tuple[ObjectRef, ...]]:
    try:
        streams, buffers, by_value = dump((fn, args, kwargs), special)
    except Exception as error:
        raise _blame(fn, args, kwargs, error) from error
    encoded = pack(streams, buffers, flags=CALL, python=PYTHON if by_value else ANY_PYTHON)
    return encoded, tuple(refs)


def _function(stream: memoryview, reusable: bool) -> Callable[..., Any]:
    if not reusable:
        return pickle.loads(stream)  # type: ignore[no-any-return]
    data = bytes(stream)
    with _decoded_lock:
        kept = _decoded.get(data)
        if kept is not None and kept[0].holds():
            _decoded.move_to_end(data)
            return kept[1]
    fn: Callable[..., Any] = pickle.loads(data)
    watched = watch(fn)
    if watched is not None:
        with _decoded_lock:
            _decoded[data] = watched, fn
            if len(_decoded) > MAX_DECODED:
                _decoded.popitem(last=False)
    return fn


def _blame(
    fn: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], error: Exception
) -> Exception:
    """The error for a call that cannot be encoded: names the argument, or the function."""
    name = getattr(fn, "__qualname__", type(fn).__qualname__)
    labelled = [(f"argument {index + 1} of {name}()", value) for index, value in enumerate(args)]
    labelled += [(f"argument {key} of {name}()", value) for key, value in kwargs.items()]
    labelled.append((f"function {name}", fn))
    for label, value in labelled:
        try:
            dump(value)
        except Exception as cause:  # noqa: BLE001  anybody's __reduce__ may raise anything
            return diagnose.not_picklable(value, label, cause)
    return diagnose.not_picklable((fn, tuple(args), dict(kwargs)), f"the call of {name}()", error)
