"""The machine: which core is whose, what a process has used, and how to describe it all."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

SERVER_CORE, CLIENT_CORE = 0, 1
VAR = Path(__file__).resolve().parent.parent / "var"


def on_server_core(command: list[str]) -> list[str]:
    """The command, bound to the server's core where the system can do that."""
    if shutil.which("taskset") and (os.cpu_count() or 1) > 1:
        return ["taskset", "-c", str(SERVER_CORE), *command]
    return command


def take_client_core() -> None:
    """Bind this process to the client's core."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {CLIENT_CORE})


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU that a process has used, its own and the kernel's on its behalf."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def resident_bytes(pid: int) -> int:
    """Memory of a process that is in RAM."""
    return psutil.Process(pid).memory_info().rss


def description() -> dict[str, Any]:
    """What the figures were taken on."""
    node = shutil.which("node")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "node": subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        if node
        else None,
        "packages": {name: version(name) for name in ("uvicorn", "uvloop", "channels", "django", "picows")},
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
