"""What style.md says never to do, found by reading the syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.support.source import Source, calls, dotted, imports, sources

Rule = Callable[[Source], Iterator[int]]
MAY_RUN_THE_LOOP = ("ui/main.py",)


def modal_loops(source: Source) -> Iterator[int]:
    """`exec()` blocks inside a second event loop: dialogs use `.open()`, menus `.popup()`."""
    for name, call in calls(source):
        if name in ("exec", "exec_") and isinstance(call.func, ast.Attribute) and source.name not in MAY_RUN_THE_LOOP:
            yield call.lineno


def pumping(source: Source) -> Iterator[int]:
    """`processEvents` runs other slots in the middle of this one."""
    return (call.lineno for name, call in calls(source) if name == "processEvents")


def sleeping(source: Source) -> Iterator[int]:
    """Sleeping or waiting for a future on the main thread freezes the window."""
    for name, call in calls(source):
        if dotted(call.func) in ("time.sleep", "QThread.sleep", "QThread.msleep") or name in ("msleep", "usleep"):
            yield call.lineno


def swallowing(source: Source) -> Iterator[int]:
    """A bug that is caught and forgotten never reaches the crash dialog."""
    for node in ast.walk(source.tree):
        broad = isinstance(node, ast.ExceptHandler) and _is_broad(node.type)
        if broad and all(isinstance(step, ast.Pass | ast.Continue) for step in node.body):  # type: ignore[attr-defined]
            yield node.lineno  # type: ignore[attr-defined]
        suppressed = node.args if isinstance(node, ast.Call) and dotted(node.func).endswith("suppress") else []
        if any(_is_broad(kind) for kind in suppressed):
            yield node.lineno  # type: ignore[attr-defined]


def running_text(source: Source) -> Iterator[int]:
    """`eval`, `exec`, `compile`, a shell: text becomes code."""
    for _name, call in calls(source):
        called = dotted(call.func)
        shell = any(k.arg == "shell" and not (isinstance(k.value, ast.Constant) and k.value.value is False)
                    for k in call.keywords)
        if called in ("eval", "exec", "compile", "os.system", "os.popen") or shell:
            yield call.lineno


def unpickling(source: Source) -> Iterator[int]:
    """These load code with data."""
    return (line for line, name in imports(source) if name.split(".")[0] in ("pickle", "marshal", "shelve", "dill"))


def printing(source: Source) -> Iterator[int]:
    """Only the commands' one writer speaks on standard output."""
    for _name, call in calls(source):
        if dotted(call.func) == "print" and source.name != "workstation/commands/output.py":
            yield call.lineno


def lambdas_on_the_bridge(source: Source) -> Iterator[int]:
    """A lambda on a core signal outlives its widget."""
    for name, call in calls(source):
        chain = dotted(call.func)
        if name == "connect" and "bridge" in chain and any(isinstance(arg, ast.Lambda) for arg in call.args):
            yield call.lineno


def other_loops(source: Source) -> Iterator[int]:
    """QtAsyncio has no sockets, qasync stops under a modal dialog (design.md, Threads)."""
    return (line for line, name in imports(source) if name.startswith(("PySide6.QtAsyncio", "qasync")))


def _is_broad(kind: ast.expr | None) -> bool:
    return kind is None or dotted(kind) in ("Exception", "BaseException")


WINDOW: tuple[Rule, ...] = (modal_loops, pumping, sleeping, lambdas_on_the_bridge, other_loops)
EVERYWHERE: tuple[Rule, ...] = (swallowing, running_text, unpickling, printing)


@pytest.mark.parametrize("rule", WINDOW, ids=lambda rule: rule.__name__)
def test_never_in_the_window(rule: Rule) -> None:
    assert [f"{source.name}:{line}" for source in sources("ui") for line in rule(source)] == []


@pytest.mark.parametrize("rule", EVERYWHERE, ids=lambda rule: rule.__name__)
def test_never_anywhere(rule: Rule) -> None:
    assert [f"{source.name}:{line}" for source in sources() for line in rule(source)] == []


@pytest.mark.parametrize(("rule", "text"), [
    (modal_loops, "dialog.exec()"), (pumping, "QApplication.processEvents()"), (sleeping, "time.sleep(1)"),
    (swallowing, "try:\n    f()\nexcept Exception:\n    pass"), (swallowing, "contextlib.suppress(Exception)"),
    (running_text, "eval(x)"), (running_text, "run(x, shell=True)"), (unpickling, "from pickle import loads"),
    (printing, "print(1)"), (lambdas_on_the_bridge, "self.bridge.events.connect(lambda: 1)"),
    (other_loops, "import qasync"),
])
def test_each_rule_can_fail(rule: Rule, text: str) -> None:
    assert list(rule(Source("ui/made_up.py", text, ast.parse(text)))) != []
