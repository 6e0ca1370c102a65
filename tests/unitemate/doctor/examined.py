"""Examining, for tests."""

from unitemate.doctor.cases import Case, Finding, Outcome
from unitemate.doctor.examination import WAY, examine


async def examined(url: str, **options) -> dict[str, Finding]:
    """What the doctor finds at a site: {hop: finding}, of all hops, in order."""
    found = {finding.hop: finding async for finding in examine(Case(url, **options))}
    assert list(found) == [hop.name for hop in WAY]
    return found


def failing(found: dict[str, Finding]) -> list[str]:
    """The hops that fail; each says what was seen, why, and what to do."""
    failed = [finding for finding in found.values() if finding.outcome is Outcome.FAILED]
    for finding in failed:
        assert finding.detail
        assert finding.cause.endswith(".")
        assert finding.remedy.endswith(".")
    return [finding.hop for finding in failed]


def skipped(found: dict[str, Finding]) -> list[str]:
    """The hops that could not be examined."""
    return [finding.hop for finding in found.values() if finding.outcome is Outcome.SKIPPED]
