"""The layout shows the architecture: imports run one way, nothing is circular, files have one subject."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ["realtime", "staff", "users", "queue_app", "matches", "web", "unitemate"]  # each may import those before it
ROOMS = {  # folders, and modules at the top: each may import those before it
    "realtime": [
        *("protocol", "tasks", "conf", "identity", "schemas", "streams", "models", "database", "telemetry", "metrics"),
        *("publishing", "triggers", "delivery", "operations", "socket", "client", "rest", "checks", "apps"),
        *("management", "testing"),
    ],
    "unitemate": [
        *("formats", "sqlite3", "environment", "settings", "passwords", "metrics", "rest", "admin_signin", "telemetry"),
        *("serving", "retention", "doctor", "simulation", "checks", "urls", "asgi", "apps", "management"),
    ],
}
PURE = ["matches/matchmaking", "matches/rating", "realtime/protocol"]
LONGEST = 400


def modules(package: str) -> list[Path]:
    return [path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]


def imports(path: Path) -> set[str]:
    """The modules that a file imports, wherever the import stands, those for type checking as well."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
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


@pytest.mark.parametrize("package", ROOMS)
def test_imports_between_rooms_run_one_way(package):
    order = ROOMS[package]
    rooms = {path.relative_to(ROOT / package).parts[0].removesuffix(".py") for path in modules(package)} - {"__init__"}
    assert rooms == set(order)
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        for name in imports(path)
        if name.startswith(f"{package}.")
        and (room := path.relative_to(ROOT / package).parts[0].removesuffix(".py")) in order
        and (other := name.split(".")[1]) in order[order.index(room) + 1 :]
        and other != room
    }
    assert not wrong


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
