"""The documents of a project and of the packs it uses -> definitions: packs first, the project's own over them."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kpieval import folders
from kpieval.check.schema import schema_problems
from kpieval.check.words import NOUNS
from kpieval.model import Pack
from kpieval.nearest import did_you_mean
from kpieval.problems import DefinitionError, Problem
from kpieval.read.definition import Definition, Definitions
from kpieval.read.files import PROJECT_FILE, Folder, definition_files, find_project, load
from kpieval.read.overlay import overlay
from kpieval.read.variables import Variables, redact

if TYPE_CHECKING:
    from pathlib import Path

    from kpieval.problems import Place
    from kpieval.read.document import Document, Kind

NAMED: tuple[Kind, ...] = ("kpi", "scorecard", "rule", "benchmark")


@dataclass
class _Reading:
    """What has been read so far, packs before what uses them."""

    projects: list[Document] = field(default_factory=list)
    named: dict[tuple[Kind, str], list[Document]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    packs: dict[str, str] = field(default_factory=dict)  # each name of a pack -> how messages call its files
    loaded: dict[Path, bool] = field(default_factory=dict)  # whether a pack is read through
    used: list[Pack] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def read_project(path: Path) -> Definitions:
    """Read everything. Raises `DefinitionError` where there is no project that can be read."""
    root = find_project(path)
    reading = _Reading()
    _read_folder(reading, Folder(root), None)
    broken = {problem.place.file for problem in reading.problems if problem.severity == "error" and problem.place}
    project, secrets = _project(reading, broken)
    kinds: dict[Kind, dict[str, Definition]] = {kind: {} for kind in NAMED}
    for (kind, name), layers in sorted(reading.named.items()):
        kinds[kind][name] = _laid_over(reading, kind, name, layers, broken)
    return Definitions(
        root=root,
        project=project,
        kpis=kinds["kpi"],
        scorecards=kinds["scorecard"],
        rules=kinds["rule"],
        benchmarks=kinds["benchmark"],
        secrets=secrets,
        problems=tuple(_redacted(problem, secrets) for problem in reading.problems),
        files=tuple(reading.files),
        packs=tuple(reading.used),
    )


def _read_folder(reading: _Reading, folder: Folder, pack: str | None, used: Pack | None = None) -> None:
    """Read a project or a pack after the packs that it uses. `pack` is what it is called by what uses it."""
    reading.loaded[folder.root] = False
    path = folder.root / PROJECT_FILE
    reading.files.append(folder.shown(path))
    document, problems = load("project", path, folder)
    reading.problems += problems
    if document is None:
        if pack is None:
            raise DefinitionError(problems)
    else:
        own = document.data.get("project")
        reading.packs.update({name: folder.prefix for name in (pack, own) if pack and isinstance(name, str)})
        _read_packs(reading, document, folder, used)
        reading.projects.append(document)
    found, warnings = definition_files(folder)
    reading.problems += warnings
    for kind, file in found:
        _read_definition(reading, kind, file, folder)
    reading.loaded[folder.root] = True


def _read_packs(reading: _Reading, document: Document, folder: Folder, by: Pack | None) -> None:
    """Read the packs that a project uses, or that a pack does that it uses, `by`."""
    uses = document.data.get("uses")
    for index, name in enumerate(uses if isinstance(uses, list) else []):
        if not isinstance(name, str):
            continue
        relative = name.startswith(".")
        root = (folder.root / name).resolve() if relative else folders.kpis() / name
        if not (root / PROJECT_FILE).exists():
            hint = None if relative else _shipped(name)
            message = f"There is no pack `{name}`." if not relative else f"There is no {PROJECT_FILE} in `{name}`."
            reading.problems.append(document.problem("unknown-pack", message, "uses", index, hint=hint))
        elif root not in reading.loaded:
            pack = _used(root.name, name if relative else None, document.place("uses", index), by)
            reading.used.append(pack)
            _read_folder(reading, Folder(root, f"pack:{pack.name}/"), name, pack)
        elif not reading.loaded[root]:
            message = f"The pack `{name}` is used by what it uses itself."
            reading.problems.append(document.problem("pack-cycle", message, "uses", index))


def _used(name: str, way: str | None, place: Place, by: Pack | None) -> Pack:
    """A pack by the way to it from what uses it, None for one that ships with kpieval."""
    if by is None or way is None:
        return Pack(name, way, place if by is None else by.place)
    return Pack(name, None if by.folder is None else posixpath.join(by.folder, way), by.place)


def _shipped(name: str) -> str:
    shipped = sorted(entry.name for entry in folders.kpis().iterdir() if (entry / PROJECT_FILE).exists())
    near = did_you_mean(name, shipped)
    return near or f"Shipped packs: {', '.join(shipped)}. Your own start with ./ as in `./packs/{name}`."


def _read_definition(reading: _Reading, kind: Kind, path: Path, folder: Folder) -> None:
    reading.files.append(folder.shown(path))
    document, problems = load(kind, path, folder)
    reading.problems += problems
    name = document.data.get(kind) if document else None
    if document is None or not isinstance(name, str):
        return
    misnamed = any(problem.place == document.place(kind) for problem in problems)
    if path.stem != name and not misnamed:
        message = f"The file is called `{path.stem}`, but holds {NOUNS[kind]} `{name}`."
        hint = f"Rename it to {name}{path.suffix}, so that people find it."
        reading.problems.append(document.problem("name-differs", message, kind, hint=hint, severity="warning"))
    layers = reading.named.setdefault((kind, name), [])
    problem = _extension(reading, document, name, layers)
    if problem is None or not layers:
        layers.append(document)
    elif problem.code == "already-defined" and _pack_of(reading, layers[-1]):
        # It is meant to change that of the pack, and so needn't be whole.
        reading.problems = [each for each in reading.problems if each not in problems or each.code != "missing-key"]
    if problem is not None:
        reading.problems.append(problem)


def _extension(reading: _Reading, document: Document, name: str, layers: list[Document]) -> Problem | None:
    """What is wrong with the way in which a document extends, or doesn't, what is there already."""
    kind, extends = document.kind, document.data.get("extends")
    if extends is None:
        if not layers:
            return None
        below = layers[-1]
        hint = f"It is declared in {below.file}"
        pack = _pack_of(reading, below)
        hint += f"; to change it, say `extends: {pack}`." if pack else "; give one of them another name."
        return document.problem("already-defined", f"There is {NOUNS[kind]} `{name}` already.", kind, hint=hint)
    if not isinstance(extends, str):
        return None
    if extends not in reading.packs:
        hint = did_you_mean(extends, reading.packs) or _way_to(extends, reading)
        return document.problem("unknown-extends", f"The project uses no pack `{extends}`.", "extends", hint=hint)
    if not any(layer.file.startswith(reading.packs[extends]) for layer in layers):
        names = [other for (of, other), known in reading.named.items() if of == kind and known and other != name]
        hint = did_you_mean(name, names) or "Leave out `extends` to declare a new one."
        message = f"The pack `{extends}` has no {NOUNS[kind].split()[1]} `{name}`."
        return document.problem("unknown-extends", message, kind, hint=hint)
    return None


def _pack_of(reading: _Reading, document: Document) -> str | None:
    """The name of the pack that a document is in."""
    return next((pack for pack, prefix in reading.packs.items() if prefix and document.file.startswith(prefix)), None)


def _way_to(pack: str, reading: _Reading) -> str:
    """How a project comes to use a pack, if there is one of this name; else what it uses."""
    if (folders.kpis() / pack / PROJECT_FILE).exists():
        return f"Say in kpieval.yaml: `uses: [{pack}]`."
    used = ", ".join(f"`{name}`" for name in reading.packs)
    return f"It uses {used}." if used else "Name a pack of `uses:` in kpieval.yaml."


def _project(reading: _Reading, broken: set[str]) -> tuple[Definition, tuple[str, ...]]:
    """The project with its packs beneath, and its variables filled in."""
    if not reading.projects:  # pragma: no cover  # an unreadable kpieval.yaml was raised where it was read
        raise DefinitionError(reading.problems)
    name = reading.projects[-1].data.get("project")
    merged = _laid_over(reading, "project", name if isinstance(name, str) else "project", reading.projects, broken)
    variables = Variables(merged)
    project = replace(merged, data=variables.filled())
    reading.problems += variables.problems
    return project, variables.secrets


def _laid_over(reading: _Reading, kind: Kind, name: str, layers: list[Document], broken: set[str]) -> Definition:
    data, written = overlay(layers)
    definition = Definition(kind, name, data, written)
    if len(layers) > 1 and not broken.intersection(layer.file for layer in layers):
        reading.problems += schema_problems(kind, data, definition)
    return definition


def _redacted(problem: Problem, secrets: tuple[str, ...]) -> Problem:
    if not secrets:
        return problem
    hint = None if problem.hint is None else redact(problem.hint, secrets)
    return replace(problem, message=redact(problem.message, secrets), hint=hint)
