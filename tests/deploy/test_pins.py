"""Every version that an installation may bring along is pinned, on whatever Python and machine it is made."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from itertools import product

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.test_layout import ORDER, ROOT, imports, modules

pytestmark = pytest.mark.sqlite  # once; no database has a part in it

PYTHONS = ("3.11.0", "3.11.2", "3.11.14", "3.12.3", "3.13.1", "3.14.0")  # Debian 12 has 3.11.2
MACHINES = (("linux", "Linux", "x86_64"), ("linux", "Linux", "aarch64"), ("darwin", "Darwin", "arm64"))


def lines(name: str) -> list[Requirement]:
    text = (ROOT / name).read_text().splitlines()
    return [Requirement(line) for line in text if line and not line.startswith(("#", "-r"))]


PINS = {canonicalize_name(pin.name): pin for pin in lines("constraints.txt")}


def surroundings() -> Iterator[dict[str, str]]:
    """Where it may be installed, as markers see it."""
    for python, (system, name, machine) in product(PYTHONS, MACHINES):
        yield default_environment() | {
            "python_version": ".".join(python.split(".")[:2]),
            "python_full_version": python,
            "implementation_version": python,
            "sys_platform": system,
            "platform_system": name,
            "platform_machine": machine,
        }


def brought_along(wanted: list[Requirement], environment: dict[str, str]) -> set[str]:
    """The names of all that is installed for these requirements."""
    found: set[str] = set()
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = list(wanted)
    while waiting:
        requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found.add(name)
        try:
            needed = requires(name) or []
        except PackageNotFoundError:
            continue  # not needed on this machine, so what it needs is not known; it is pinned or not all the same
        for one in map(Requirement, needed):
            if one.marker is None or any(one.marker.evaluate(environment | {"extra": e}) for e in (*extras, "")):
                waiting.append(one)
    return found


@pytest.mark.parametrize("files", [["requirements.txt"], ["requirements.txt", "requirements-dev.txt"]], ids=len)
def test_nothing_is_brought_along_unpinned(files):
    wanted = [requirement for name in files for requirement in lines(name)]
    unpinned = set()
    for environment in surroundings():
        pinned = {name for name, pin in PINS.items() if pin.marker is None or pin.marker.evaluate(environment)}
        unpinned |= {
            f"{name} on Python {environment['python_full_version']}, {environment['sys_platform']}"
            for name in brought_along(wanted, environment) - pinned
        }
    assert unpinned == set()


def test_a_pin_is_one_version_and_the_requirements_have_the_same():
    assert [str(pin) for pin in PINS.values() if not re.fullmatch(r"==[\w.]+", str(pin.specifier))] == []
    for name in ("requirements.txt", "requirements-dev.txt"):
        for requirement in lines(name):
            assert PINS[canonicalize_name(requirement.name)].specifier == requirement.specifier, requirement.name


def test_the_service_needs_no_more_than_its_own_requirements():
    distributions = packages_distributions()
    imported = {
        canonicalize_name(distribution)
        for package in ORDER
        for path in modules(package)
        for name in imports(path)
        for distribution in distributions.get(name.split(".")[0], ())
    }
    assert not imported & {canonicalize_name(requirement.name) for requirement in lines("requirements-dev.txt")}
