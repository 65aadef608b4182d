"""Runs the `run:` steps of a composite action with bash, as a runner would; other actions it uses are skipped."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from github_server.expressions import filled


@dataclass(frozen=True)
class CompositeAction:
    folder: Path
    """With its action.yml, as the runner checks it out."""
    workspace: Path
    env: Mapping[str, str]
    """Of the job; RUNNER_TEMP is among it."""
    steps: Mapping[str, Any]
    """Outputs of the skipped steps, by id."""

    def run(self, inputs: Mapping[str, str], *names: str) -> subprocess.CompletedProcess[str]:
        """Steps up to the first that fails; with names, those alone."""
        spec = YAML(typ="safe").load((self.folder / "action.yml").read_text("utf-8"))
        assert set(inputs) <= set(spec["inputs"])
        given = {name: inputs.get(name, wish.get("default", "")) for name, wish in spec["inputs"].items()}
        context = {"inputs": given, "github": {"action_path": str(self.folder)}, "steps": self.steps}
        out, err = "", ""
        for step in spec["runs"]["steps"]:
            if "run" not in step or (names and step["name"] not in names):
                continue
            assert step["shell"] == "bash"
            assert "${{" not in step["run"], "an expression in a script is a hole"
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
                cwd=self.workspace,
                env={**self.env, **{key: filled(text, context) for key, text in step.get("env", {}).items()}},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            out, err = out + done.stdout, err + done.stderr
            if done.returncode:
                break
        return subprocess.CompletedProcess([], done.returncode, out, err)
