"""The findings as text."""

from rich.console import Console
from rich.text import Text

from unitemate.doctor.cases import Finding, Outcome

LOOKS = {Outcome.OK: "green", Outcome.FAILED: "bold red", Outcome.SKIPPED: "dim"}
WIDTH = 16
"""Columns of a hop's name."""


def show(finding: Finding, console: Console) -> None:
    """Print one finding as a line. A failure gets two more: its likely cause and the remedy."""
    look = LOOKS[finding.outcome]
    line = Text.assemble((f"{finding.outcome.value:<8}", look), f"{finding.hop:<{WIDTH}}", finding.detail)
    console.print(line, soft_wrap=True)  # addresses and commands are there to be copied
    if finding.outcome is Outcome.FAILED:
        console.print(Text.assemble(" " * 8, ("likely cause: ", "yellow"), finding.cause), soft_wrap=True)
        console.print(Text.assemble(" " * 8, ("remedy: ", "cyan"), finding.remedy), soft_wrap=True)


def summary(findings: list[Finding]) -> str:
    """One line: the hops that fail, and how many were skipped."""
    failed = [finding.hop for finding in findings if finding.outcome is Outcome.FAILED]
    skipped = sum(finding.outcome is Outcome.SKIPPED for finding in findings)
    rest = f"; {skipped} could not be examined" if skipped else ""
    return (f"failing: {', '.join(failed)}" if failed else "every hop that was examined is well") + rest
