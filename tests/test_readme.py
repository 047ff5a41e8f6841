"""What the README and the guides show is what happens."""

import re
from pathlib import Path

import click
import pytest

import sessions
from kpieval.cli import COMMANDS, commands
from kpieval.problems import DataError, DefinitionError, OutputError

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
GUIDE = (ROOT / "docs" / "getting-started.md").read_text("utf-8")
REFERENCE = (ROOT / "docs" / "commands.md").read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", [README, GUIDE], ids=["README", "getting-started"])
def test_sessions_show_what_happens(text: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("bin")
    sessions.install(path)
    (tmp_path / "deals.csv").write_text(blocks(GUIDE, "csv")[0])
    shown = "".join(blocks(text, "console"))
    assert shown
    seen = []
    for line in shown.splitlines():
        if line.startswith("$ "):
            said = sessions.play(line[2:], tmp_path, path)
            seen += [line, *(each for each in said if not each.startswith((sessions.ERROR, "[")))]
    assert "\n".join(seen) + "\n" == shown


@pytest.mark.parametrize("text", [README, GUIDE], ids=["README", "getting-started"])
def test_the_first_kpi_is_what_init_proposes(
    text: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("bin")
    sessions.install(path)
    (tmp_path / "deals.csv").write_text(blocks(GUIDE, "csv")[0])
    sessions.play("kpieval init deals.csv", tmp_path, path)
    made = "".join(file.read_text("utf-8") for file in sorted((tmp_path / "deals-kpis").rglob("*.yaml")))
    lines = [line.strip() for line in made.splitlines()]
    for block in blocks(text, "yaml"):
        assert [line for line in block.splitlines() if line.strip() not in lines] == []


def test_the_two_commands_work(tmp_path: Path) -> None:
    first, second = blocks(README, "")[0].splitlines()
    sessions.install(tmp_path, "run")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    [said] = [line for line in sessions.play(first, tmp_path, tmp_path) if not line.startswith(sessions.ERROR)]
    assert (tmp_path / said.removeprefix("Report: ")).stat().st_size > 0
    assert second == "./run test"


@pytest.mark.parametrize("example", sorted((ROOT / "examples").iterdir()), ids=lambda path: path.name)
def test_the_commands_of_the_examples_work(example: Path, tmp_path: Path) -> None:
    sessions.install(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    shown = "".join(blocks((example / "README.md").read_text("utf-8"), "console"))
    assert shown
    for line in shown.splitlines():
        assert line.startswith("$ kpieval ")
        said = sessions.play(line[2:], tmp_path, tmp_path)
        assert said
        assert [each for each in said if each.startswith((sessions.ERROR, "["))] == []


def test_links_lead_somewhere() -> None:
    for page in [
        ROOT / "README.md",
        *sorted((ROOT / "docs").glob("*.md")),
        *sorted((ROOT / "benchmarks").glob("*.md")),
    ]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_exit_codes_are_those_of_the_errors() -> None:
    table = r"^\| (\d) \| .+ \|$"
    shown = re.findall(table, README, re.MULTILINE)
    assert shown == ["0", "1", "2", "3", "4"]
    assert re.findall(table, REFERENCE, re.MULTILINE)[:5] == shown
    assert [error.exit_code for error in (DefinitionError, DataError, OutputError)] == [2, 3, 4]


def test_every_option_is_described() -> None:
    context = click.Context(commands)
    for name in COMMANDS:
        command = commands.get_command(context, name)
        assert command
        assert f"## {name}" in REFERENCE
        for parameter in command.params:
            for option in parameter.opts if isinstance(parameter, click.Option) else ():
                assert f"{option}" in REFERENCE, f"{name} {option}"
