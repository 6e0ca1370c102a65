"""The report of an evening, as data and as a table."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from realtime.management.printable import printable
from unitemate.simulation import figures
from unitemate.simulation.api import Api
from unitemate.simulation.ledger import Ledger
from unitemate.simulation.player import Player
from unitemate.telemetry.traffic import polling_requests

SHOWN = 12  # of each kind of fault
TOLERATED = 0.02
"""Share of the matches that may go wrong because the machine was busy for a moment; with more it is too slow."""


@dataclass(frozen=True, slots=True)
class Report:
    """The results of one evening. Times are in simulated seconds unless said otherwise.

    Attributes:
        between_median: from a player's report to the player's next match.
        took: real seconds that the evening lasted.
        void: matches without a result because no host made a lobby.
        outpaced: void matches whose hosts meant to make one in time. The machine was too slow.
        penalties: how often a player had to wait for the end of a penalty.
        barred: players who went home because their points kept them from queueing.
        unlike_script: matches in which reports missed the time limits. Many mean that the speed was too high.
        unnoticed: players who learned of a match only after its end. Many mean the same.
        late: the most real seconds by which the simulation was behind its plan. A high value means the same.
        pushes: snapshots and updates that all clients received.
        rest_requests: requests that the clients made during the evening.
        answer_median, answer_p95: real milliseconds until a request was answered.
        polling_requests: requests that the same clients would have made by polling.
        sent: frames sent by the clients, by action.
    """

    players: int
    matches: int
    results: dict[str, int]
    unlike_script: int
    unnoticed: list[str]
    void: int
    outpaced: int
    penalties: int
    barred: int
    gave_up: int
    wait_median: float
    wait_p95: float
    wait_max: float
    between_median: float
    presence_hours: float
    took: float
    late: float
    connects: int
    links_cut: int
    pushes: int
    bytes_in: int
    bytes_out: int
    sent: dict[str, int]
    resyncs: int
    rest_requests: int
    answer_median: float
    answer_p95: float
    polling_requests: int
    matches_without_voice: int
    compared: int
    disagreements: list[str]
    stuck: list[str]
    voice_held: list[str]
    faults: list[str]

    @property
    def is_good(self) -> bool:
        """Whether no mirror is wrong, nobody is stuck and nothing failed."""
        return not (self.disagreements or self.stuck or self.voice_held or self.faults)

    @property
    def kept_pace(self) -> bool:
        """Whether the machine let players act within the time limits, except in a few matches."""
        return self.outpaced + self.unlike_script <= TOLERATED * self.matches

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"is_good": self.is_good, "kept_pace": self.kept_pace}


def draw_up(ledger: Ledger, players: Sequence[Player], api: Api, *, evening_requests: int, took: float) -> Report:
    """The report of an evening that has been audited.

    Args:
        ledger: of the evening.
        players: who came.
        api: what they called.
        evening_requests: requests made before the audit began.
        took: real seconds that the evening lasted.
    """
    counters = [player.client.counters for player in players]
    sent: Counter[str] = Counter()
    for counter in counters:
        sent += counter.sent
    answers = sorted(api.took[:evening_requests]) or [0.0]
    waits = sorted(ledger.waits) or [0.0]
    return Report(
        players=ledger.came,
        matches=len(ledger.noticed),
        results=dict(sorted(ledger.results.items())),
        unlike_script=ledger.unlike_script,
        unnoticed=ledger.unnoticed,
        void=len(ledger.void),
        outpaced=len(ledger.outpaced),
        penalties=ledger.penalties,
        barred=ledger.barred,
        gave_up=ledger.gave_up,
        wait_median=round(_quantile(waits, 0.5), 1),
        wait_p95=round(_quantile(waits, 0.95), 1),
        wait_max=round(waits[-1], 1),
        between_median=round(_quantile(sorted(ledger.between) or [0.0], 0.5), 1),
        presence_hours=round(ledger.presence / 3600, 1),
        took=round(took, 1),
        late=round(ledger.late, 2),
        connects=sum(counter.connects for counter in counters),
        links_cut=ledger.links_cut,
        pushes=sum(counter.updates + counter.snapshots + counter.stale for counter in counters),
        bytes_in=sum(counter.bytes_in for counter in counters),
        bytes_out=sum(counter.bytes_out for counter in counters),
        sent=dict(sent.most_common()),
        resyncs=sent["resync"],
        rest_requests=evening_requests,
        answer_median=round(_quantile(answers, 0.5) * 1000, 1),
        answer_p95=round(_quantile(answers, 0.95) * 1000, 1),
        polling_requests=round(polling_requests(ledger.presence)),
        matches_without_voice=len(ledger.without_voice),
        compared=ledger.compared,
        disagreements=ledger.disagreements,
        stuck=ledger.stuck,
        voice_held=ledger.voice_held,
        faults=ledger.faults + [f"{count} × {refusal}" for refusal, count in api.unexpected.most_common()],
    )


def show(report: Report, console: Console) -> None:
    """Print a report as a table, with the faults below it."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(style="dim")
    results = ", ".join(f"{count} {printable(result)}" for result, count in report.results.items())
    table.add_row("matches", f"{report.matches}", results)
    table.add_row("players", f"{report.players}", f"present {report.presence_hours:,} h in all, as played")
    table.add_row("waits", f"{report.wait_median:,.0f} s", "median")
    table.add_row("", f"{report.wait_p95:,.0f} s", "95th percentile")
    table.add_row("", f"{report.wait_max:,.0f} s", "longest")
    real = dict(figures.REPORT_TO_NEXT_MATCH)[0.5]
    table.add_row("between matches", f"{report.between_median:,.0f} s", f"median; the real evening's was {real} s")
    table.add_row("void", f"{report.void}", f"without a lobby; {report.penalties} times a penalty was waited for")
    table.add_row("barred", f"{report.barred}", "went home, since their points kept them from queueing")
    table.add_row("left unmatched", f"{report.gave_up}", "gave up waiting, or the evening was over")
    table.add_row("pushes", f"{report.pushes:,}", f"{report.bytes_in / 1e6:,.1f} MB received on all sockets")
    sent = ", ".join(f"{count:,} {printable(action)}" for action, count in report.sent.items())
    table.add_row("client frames", f"{sum(report.sent.values()):,}", sent)
    table.add_row("connections", f"{report.connects:,}", f"{report.links_cut} links cut on purpose")
    latency = f"answered in {report.answer_median:.0f} ms (median), {report.answer_p95:.0f} ms (95th percentile)"
    table.add_row("requests", f"{report.rest_requests:,}", latency)
    table.add_row("polling", f"{report.polling_requests:,}", "requests that polling clients would have made")
    table.add_row("took", f"{report.took:,.0f} s", f"at most {report.late:.1f} s behind its plan")
    table.add_row(
        "unlike their script", f"{report.unlike_script}", "matches; many mean too high a speed for this machine"
    )
    table.add_row("noticed too late", f"{len(report.unnoticed)}", "seats; likewise")
    table.add_row("mirrors", f"{report.compared:,}", "compared with REST")
    for label, wrongs in (
        ("disagreements", report.disagreements),
        ("stuck", report.stuck),
        ("voice pairs held", report.voice_held),
        ("faults", report.faults),
    ):
        table.add_row(label, f"{len(wrongs)}", "", style="red" if wrongs else "green")
    console.print(table)
    if not report.kept_pace:
        console.print(
            "This machine did not keep the pace. Limits passed before players could act: "
            f"{report.outpaced} matches are void whose hosts meant to make the lobby in time, and "
            f"{report.unlike_script} came out unlike their script. The figures above tell of the machine and not of "
            "the service. Repeat with a lower --speed.",
            style="yellow",
        )
    for wrongs in (report.disagreements, report.stuck, report.voice_held, report.faults):
        for wrong in wrongs[:SHOWN]:
            console.print(f"  {printable(wrong)}", style="red", markup=False)


def _quantile(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]
