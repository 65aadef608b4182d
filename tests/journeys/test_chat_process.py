"""`chat slack --http` as a process: it answers signed requests, follows duty, and ends on SIGTERM."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
import urllib.request

from slack_sdk.signature import SignatureVerifier

from journeys.conftest import Person
from slack_server import SECRET, TOKEN, SlackServer, form


def test_it_serves_signed_requests_until_it_is_told_to_end(person: Person) -> None:
    with SlackServer({"U1": "primary-1@medicalcor.example"}) as slack:
        env = {
            **person.env,
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": slack.api,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "watchbill", "chat", "slack", "--http", "0"],
            cwd=person.folder,
            env=env,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stderr is not None
            told = next(
                found for line in process.stderr if (found := re.search(r"listening on (http://\S+)", line))
            )
            body = form(
                command="/watchbill", text="who primary", user_id="U1", channel_id="C1", trigger_id="1"
            )
            body += f"&response_url={slack.url}/respond/1"
            stamp = str(int(time.time()))
            signed = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body) or ""
            headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signed}
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            request = urllib.request.Request(told[1], body.encode(), headers)
            with urllib.request.urlopen(request, timeout=20) as answer:
                assert answer.status == 200
            assert "Primary On-Call" in str(slack.wait_for("response_url", seconds=60)[0].body)
        finally:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=30)
        assert process.returncode == 0, out + err
        assert SECRET not in out + err
        assert TOKEN not in out + err


def test_without_its_secrets_it_says_which_one_it_lacks(person: Person) -> None:
    ran = person.watchbill("chat", "slack")
    assert ran.code == 2
    assert "SLACK_BOT_TOKEN is not set" in ran.err


def test_a_slack_that_does_not_answer_is_told_and_no_token_with_it(person: Person) -> None:
    person.env.update(
        SLACK_BOT_TOKEN="xoxb-hidden", SLACK_APP_TOKEN="xapp-hidden", SLACK_API_URL="http://127.0.0.1:9/api/"
    )
    ran = person.watchbill("chat", "slack")
    assert ran.code == 14
    assert ran.err.startswith("error: Slack does not let us in")
    assert "hidden" not in ran.out + ran.err
    assert person.watchbill("chat", "slack", "--http", "70000").code == 2
