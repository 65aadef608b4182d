"""The chat commands in a terminal: buttons as numbered choices, forms as questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from watchbill.chat.answer import Answer, Button, Form
from watchbill.chat.commands import answer
from watchbill.chat.context import Context
from watchbill.report.paint import Paint
from watchbill.report.safe import plain

Say = Callable[[str], None]
Read = Callable[[str], str]
"""Prompt -> line.  Raises EOFError at the end."""

QUIT = frozenset({"quit", "exit", "bye"})


@dataclass
class ConsoleChat:
    """Channel posts, shown where they would appear."""

    say: Say
    paint: Paint

    def post(self, channel: str, text: str, mention: Sequence[str] = ()) -> None:
        names = " ".join(f"@{name}" for name in mention)
        self.say(self.paint.dim(f"[#{plain(channel)}]") + (f" {names}" if names else ""))
        for line in text.rstrip().splitlines():
            self.say(self.paint.dim("  | ") + plain(line))


@dataclass
class Console:
    """`context` makes a fresh one for each line: the policy and the time move on."""

    context: Callable[[], Context]
    say: Say
    read: Read
    paint: Paint
    _buttons: tuple[Button, ...] = field(default=())

    def run(self) -> None:
        first = self.context()
        who = first.name(first.person) if first.person else first.asker
        self.say(f"You are {who}. Type help for the commands, quit to leave; {first.command} is not needed.")
        while True:
            try:
                line = self.read("> ").strip()
            except (EOFError, KeyboardInterrupt):
                return
            if line in QUIT:
                return
            if line:
                self.one(line)

    def one(self, line: str) -> None:
        if line.isdecimal() and self._buttons:
            place = int(line)
            if not 1 <= place <= len(self._buttons):
                self.say(f"there are {len(self._buttons)} choices")
                return
            line = self._buttons[place - 1].command
        context = self.context()
        line = line.removeprefix(context.command).strip()
        found = answer(context, line)
        if found.form is not None:
            values = self._ask(found.form)
            if values is None:
                self.say("left; nothing was done")
                return
            found = answer(self.context(), found.form.command, values)
        self.show(found)

    def show(self, found: Answer) -> None:
        lines = [plain(line) for line in found.text.splitlines()]
        for line in lines:
            self.say(self.paint.red(line) if found.failed else line)
        for line in found.table.splitlines():
            self.say("  " + plain(line))
        self._buttons = found.buttons
        for place, button in enumerate(found.buttons, start=1):
            self.say(self.paint.blue(f"  {place}) {plain(button.label)}"))

    def _ask(self, form: Form) -> dict[str, str] | None:
        """Empty takes what is suggested; `.` alone ends several lines; end of input leaves the form."""
        self.say(self.paint.bold(plain(form.title)))
        values: dict[str, str] = {}
        for one in form.fields:
            label = plain(one.label) + (f" [{plain(one.initial)}]" if one.initial else "")
            for place, (_, choice) in enumerate(one.choices, start=1):
                self.say(f"    {place}) {plain(choice)}")
            try:
                text = self._lines(label) if one.several_lines else self.read(f"  {label}: ").strip()
            except (EOFError, KeyboardInterrupt):
                return None
            if one.choices and text.isdecimal() and 1 <= int(text) <= len(one.choices):
                text = one.choices[int(text) - 1][0]
            values[one.name] = text or one.initial
        return values

    def _lines(self, label: str) -> str:
        lines = [self.read(f"  {label} (end with an empty line): ").strip()]
        while lines[-1]:
            lines.append(self.read("    ").strip())
        return "\n".join(lines[:-1])
