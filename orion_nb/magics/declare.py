"""From the text of a task cell to something that can be submitted, or one clear line why not.

Nothing here changes anything: the notebook's tables are read, the namespace is read, values
that are too big to be sent along are handed to the store. So a cell that is refused leaves no
trace.
"""

from __future__ import annotations

import builtins
import types
from collections.abc import Iterable, Mapping
from typing import Any

from orion_nb import keys
from orion_nb.core.model import Digest, TaskId
from orion_nb.exceptions import CyclicGraph, UnknownDependency, UsageError
from orion_nb.keys.modules import module_components

from .analysis import CellAnalysis, analyse
from .carry import Carried, Collector
from .cell_runner import CellSource, ModuleName, cell_with_lines
from .cells import Declaration, Origin, Prepared, Source, TaskCell, Written, work_of
from .inputs import known_refs, layout
from .items import items_of, with_recipe
from .notebook import Notebook
from .options import TaskOptions, parse_task_line
from .packing import packed
from .suggest import unknown
from .values import Values


def prepare(notebook: Notebook, values: Values, written: Written) -> Prepared:
    """Find everything about a task cell.

    :raises UsageError: and its kinds: the cell cannot mean anything. Nothing has happened.
    :raises KeyboardInterrupt: while waiting for what ``--map`` iterates over.
    """
    options = parse_task_line(written.line)
    mapped = options.map.names if options.map is not None else ()
    source, facts = _analyse(notebook.shell, written, mapped)
    outputs = _outputs(options, facts, mapped)
    scope = _Scope(notebook, written.key)
    reads = list(facts.reads)
    sources, extra_after = _stated(scope, options)
    with values.as_plain_cells_left_it([n for n in values.placed if scope.is_plain(n)]):
        reads += [name for name in facts.conditional if name in outputs and scope.has(name)]
        reads = list(dict.fromkeys(reads))
        _refuse_unknown(scope, reads, facts)
        provenance, unknown_provenance = _provenance(notebook, options.by_provenance)
        found = keys.recipe_for_cell(
            source,
            [*reads, *sources],
            notebook.shell.user_ns,
            outputs=outputs,
            known_refs=known_refs({**scope.everything(), **sources}),
            provenance=provenance,
            version=options.version,
            files=options.files,
            place=f"Cell In[{written.number}]",
        )
        if found.recipe is None:
            found = found._replace(
                uncached_because=_why_uncached(notebook, found, unknown_provenance)
            )
        for name, ref in found.inputs:
            sources[name] = scope.source(name) or sources.get(name) or Source("", ref.output, ref)
        carried = _carry(notebook.shell, reads, sources)
        imported = [module for name in reads if (module := scope.module(name)) is not None]
        carried.modules.extend(imported)
        _add_sources(notebook, carried, sources)
        items = tuple(items_of(notebook, values, options, scope.producer))
    name = options.name or _default_name(notebook, written, outputs)
    after = _after(notebook, written.key, [*options.after, *extra_after])
    _refuse_cycle(notebook, written.key, name, sources, after)
    spec, large = packed(notebook, written, options, outputs, carried, sources)
    sources.update(large)
    components = notebook.as_in_workers(
        (
            *(found.recipe.components if found.recipe is not None else ()),
            *module_components(tuple(module.module for module in imported)),
            *layout(sources),
        )
    )
    every = tuple([with_recipe(item, found, components, options) for item in items])
    recipe = every[0].recipe if every else None
    return Prepared(
        Declaration(
            written=written,
            name=name,
            options=options,
            outputs=outputs,
            imports=tuple(ModuleName(*item[:3]) for item in facts.imports.values()),
            definitions=tuple(name for name in facts.definitions if name in outputs),
            origins={key: Origin(one.cell, one.output) for key, one in sorted(sources.items())},
            after=tuple(after),
            carried=tuple(carried.values),
            provenance=recipe.provenance if recipe is not None else (),
            uncached=tuple(sorted({item.uncached_because for item in every} - {""})),
            labels=tuple([item.label for item in every]),
            work=work_of(outputs, sources, after, components, every),
        ),
        sources=dict(sorted(sources.items())),
        after=after,
        spec=spec,
        components=components,
        items=every,
    )


class _Scope:
    """What names mean to one cell: which version of them was declared before it."""

    def __init__(self, notebook: Notebook, key: str) -> None:
        self._notebook = notebook
        self._key = key

    def producer(self, name: str) -> TaskCell | None:
        """The task cell whose output a name is; None for a plain name."""
        names, notebook = self._notebook.names, self._notebook
        producer = names.bind(self._key, name)
        if producer is None and name not in notebook.shell.user_ns:
            # An earlier cell was edited to read what only a later one makes.
            producer = names.bind(self._key, name, later=True)
        return notebook.cells.get(producer) if producer not in (None, self._key) else None

    def source(self, name: str) -> Source | None:
        cell = self.producer(name)
        if cell is None or name not in cell.outputs:
            return None
        return Source(cell.key, name, cell.refs(name))

    def module(self, name: str) -> ModuleName | None:
        """The import that bound a name in an earlier task cell."""
        cell = self.producer(name)
        if cell is None:
            return None
        return next((module for module in cell.declared.imports if module.name == name), None)

    def everything(self) -> dict[str, Source]:
        """All names that stand for outputs of tasks here: functions may read them too."""
        names = dict.fromkeys(self._notebook.output_names())
        found = {name: self.source(name) for name in names}
        return {name: source for name, source in found.items() if source is not None}

    def has(self, name: str) -> bool:
        """A name that is assigned in one branch only keeps its earlier value in the other."""
        return self.source(name) is not None or name in self._notebook.shell.user_ns

    def is_plain(self, name: str) -> bool:
        return self._notebook.names.bind(self._key, name) is None


def _analyse(shell: Any, written: Written, mapped: Iterable[str]) -> tuple[str, CellAnalysis]:
    if not written.body.strip():
        raise UsageError("the cell is empty: there is nothing to run as a task")
    source = cell_with_lines(shell, written.body, written.lines_before)
    try:
        return source, analyse(source, bound=mapped)
    except UsageError as error:
        raise UsageError(f"Cell In[{written.number}]: {error}") from None


def _outputs(options: TaskOptions, facts: CellAnalysis, mapped: Iterable[str]) -> tuple[str, ...]:
    """All that the cell would leave behind as a plain cell; what it imports is imported again."""
    if options.out is not None:
        return options.out
    hidden = {*mapped, *facts.imports}
    names = dict.fromkeys((*facts.outputs, *facts.definitions))
    return tuple(name for name in names if name not in hidden)


def _default_name(notebook: Notebook, written: Written, outputs: tuple[str, ...]) -> str:
    """The first output's name; numbered if another cell has it."""
    present = notebook.cells.get(written.key)
    base = outputs[0] if outputs else (present.name if present else f"cell{written.number}")
    taken = {cell.name for cell in notebook.cells.values() if cell.key != written.key}
    name, count = base, 1
    while name in taken:
        count += 1
        name = f"{base}-{count}"
    return name


def _stated(scope: _Scope, options: TaskOptions) -> tuple[dict[str, Source], list[str]]:
    """Inputs that ``--deps`` adds, and tasks that it names."""
    sources: dict[str, Source] = {}
    tasks: list[str] = []
    for name in options.deps:
        source = scope.source(name)
        if source is not None:
            sources[name] = source
            continue
        cell = scope._notebook.cell_named(name)
        if cell is not None:
            sources.update({out: Source(cell.key, out, cell.refs(out)) for out in cell.outputs})
            tasks.append(name)
        elif name not in scope._notebook.shell.user_ns:
            known = [*scope._notebook.task_names(), *scope._notebook.output_names()]
            raise UnknownDependency(f"--deps {name}: " + unknown("task or output", name, known))
    return sources, tasks


def _refuse_unknown(scope: _Scope, reads: Iterable[str], facts: CellAnalysis) -> None:
    """A name that nothing has made would only raise NameError later, in the background."""
    if facts.dynamic:
        return
    namespace = scope._notebook.shell.user_ns
    for name in reads:
        if name in namespace or hasattr(builtins, name) or name in facts.uncertain:
            continue
        if scope.producer(name) is None:
            _ = scope._notebook.session  # when it is open, earlier kernels are known
            if scope._notebook.memory.makes(name):
                raise UnknownDependency(
                    f"this cell reads `{name}`, which a task of an earlier kernel makes: run its "
                    "cell, or  %orion attach"
                )
            known = [*scope._notebook.output_names(), *(n for n in namespace if n[0] != "_")]
            raise UnknownDependency(
                "this cell reads a name that no cell has made: " + unknown("name", name, known)
            )


def _provenance(
    notebook: Notebook, names: Iterable[str]
) -> tuple[dict[str, Digest], dict[str, str]]:
    """What these names are keyed by if they have no content, and why some cannot be."""
    namespace = notebook.shell.user_ns
    known, unknown_because = {}, {}
    for name in names:
        if name not in namespace:
            raise UnknownDependency(
                f"--by-provenance {name}: " + unknown("name", name, [n for n in namespace])
            )
        try:
            known[name] = notebook.lineage.provenance(name, namespace, keys.content_hash)
        except keys.Unhashable as error:
            unknown_because[name] = str(error)
    return known, unknown_because


def _why_uncached(
    notebook: Notebook, found: keys.CellRecipe, unknown_because: Mapping[str, str]
) -> str:
    why, name = found.uncached_because, found.unhashable
    value = notebook.shell.user_ns.get(name)
    if name in unknown_because:
        return f"{why}; nor is its provenance known: {unknown_because[name]}"
    if value is None or isinstance(value, types.ModuleType | types.FunctionType | type):
        return why
    return f"{why}; --by-provenance {name}  would key it by the code that made it"


def _carry(shell: Any, reads: Iterable[str], sources: Mapping[str, Source]) -> Carried:
    format_name = shell.compile.format_code_name
    collector = Collector(shell.user_ns, sources, format_name)
    collector.take(reads)
    return collector.carried


def _add_sources(notebook: Notebook, carried: Carried, sources: Mapping[str, Source]) -> None:
    """Functions that task cells have made show their cell's lines in a traceback."""
    for name, source in sources.items():
        cell = notebook.cells.get(source.cell)
        if cell is not None and source.output in cell.declared.definitions:
            written = cell.declared.written
            text = cell_with_lines(notebook.shell, written.body, written.lines_before)
            carried.sources[written.key] = CellSource(written.key, written.number, text)
            carried.code_files[name] = written.key


def _after(notebook: Notebook, key: str, names: Iterable[str]) -> dict[str, tuple[TaskId, ...]]:
    after: dict[str, tuple[TaskId, ...]] = {}
    for name in names:
        cell = notebook.cell_named(name)
        if cell is None:
            raise UnknownDependency(
                f"--after {name}: " + unknown("task", name, notebook.task_names())
            )
        if cell.key == key:
            raise CyclicGraph(f"--after {name}: a task cannot come after itself")
        after[cell.key] = cell.tasks
    return after


def _refuse_cycle(
    notebook: Notebook,
    key: str,
    name: str,
    sources: Mapping[str, Source],
    after: Iterable[str],
) -> None:
    """Versions of names only point back, but ``--after`` and ``--deps`` may point anywhere."""
    path: list[str] = []

    def visit(at: str) -> bool:
        cell = notebook.cells.get(at)
        if cell is None or cell.name in path:
            return False
        path.append(cell.name)
        if key in cell.declared.needs or any(visit(need) for need in cell.declared.needs):
            return True
        path.pop()
        return False

    for need in {*(source.cell for source in sources.values()), *after}:
        if need != key and visit(need):
            raise CyclicGraph(f"tasks would wait for each other: {' → '.join([name, *path, name])}")
