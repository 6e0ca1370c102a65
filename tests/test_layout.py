"""The layout shows the architecture: imports run one way, nothing is circular, files have one subject."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ["realtime", "staff", "users", "queue_app", "matches", "web", "unitemate"]  # each may import those before it
PURE = ["matches/matchmaking", "matches/rating", "realtime/protocol"]
LONGEST = 400


def modules(package: str) -> list[Path]:
    return [path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]


def imports(path: Path) -> set[str]:
    """The modules that a file imports when it runs, wherever the import stands; not those for type checking."""
    names: set[str] = set()
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("package", ORDER)
def test_imports_run_one_way(package):
    above = set(ORDER[ORDER.index(package) + 1 :])
    if package == "unitemate":
        above = set()
    for path in modules(package):
        found = {name.split(".")[0] for name in imports(path)} & above
        assert not found, f"{path.relative_to(ROOT)} imports {found}"


@pytest.mark.parametrize("package", PURE)
def test_the_pure_parts_know_no_django_and_no_network(package):
    for path in modules(package):
        found = {name.split(".")[0] for name in imports(path)} & {"django", "channels", "asyncio", "rest_framework"}
        assert not found, f"{path.relative_to(ROOT)} imports {found}"


def test_no_module_imports_itself_in_a_circle():
    paths = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in ORDER
        for path in modules(package)
    }
    graph = {
        name: {other for other in imports(path) if other in paths and other != name} for name, path in paths.items()
    }
    state: dict[str, int] = defaultdict(int)

    def visit(name: str, trail: list[str]) -> None:
        assert state[name] != 1, " → ".join([*trail, name])
        if state[name] == 0:
            state[name] = 1
            for other in graph[name]:
                visit(other, [*trail, name])
            state[name] = 2

    for name in graph:
        visit(name, [])


def test_no_file_is_long():
    endings = {".py", ".js", ".css", ".html"}
    skipped = {".venv", "migrations", "staticfiles", "var", "node_modules", ".git"}
    long = {
        str(path.relative_to(ROOT)): lines
        for path in ROOT.rglob("*")
        if path.suffix in endings
        and not skipped & set(path.relative_to(ROOT).parts)
        and (lines := len(path.read_text().splitlines())) > LONGEST
    }
    assert long == {}
