"""Slack: signed requests and Socket Mode against a local Slack, PagerDuty on the sandbox."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.models.blocks import ActionsBlock, Block
from slack_sdk.models.views import View
from slack_sdk.signature import SignatureVerifier

from away import away
from journeys.conftest import ROOT
from slack_server import SECRET, TOKEN, SlackServer, form
from stage import Stage, stage
from watchbill.chat.context import Context
from watchbill.chat.slack.app import SlackApp, client_of
from watchbill.chat.slack.http import serve
from watchbill.chat.slack.post import SlackChat
from watchbill.config.load import load_valid
from watchbill.incident.ports import Chat
from watchbill.model.policy import Policy
from watchbill.pagerduty.transport import Transport
from watchbill.sandbox.faults import parse_fault

ANA, STRANGER, GONE = "U0PRIMARY1", "U0STRANGER", "U0GONE"


@dataclass
class Desk:
    """Slack, the app over HTTP, and the account."""

    slack: SlackServer
    live: Stage
    url: str
    app: SlackApp
    policies: Path = ROOT / "policies"

    def send(self, body: str, *, secret: str = SECRET, age: int = 0, **more: str) -> tuple[int, str]:
        stamp = str(int(time.time()) - age)
        signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body) or ""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature,
            **{key.replace("_", "-"): value for key, value in more.items()},
        }
        request = urllib.request.Request(self.url, body.encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def type(self, text: str, user: str = ANA, trigger: str = "", **more: Any) -> tuple[int, str]:
        body = form(
            command="/watchbill",
            text=text,
            user_id=user,
            channel_id="C0INC",
            trigger_id=trigger or f"t{time.monotonic_ns()}",
            response_url=f"{self.slack.url}/respond/1",
        )
        return self.send(body, **more)

    def press(self, value: str, user: str = ANA, message: str = "1.0", **more: Any) -> tuple[int, str]:
        payload = {
            "type": "block_actions",
            "user": {"id": user},
            "channel": {"id": "C0INC"},
            "container": {"message_ts": message, "channel_id": "C0INC"},
            "message": {
                "ts": message,
                "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "offer"}}],
            },
            "actions": [{"action_id": "watchbill:run:0", "value": value, "action_ts": str(time.time())}],
            "trigger_id": f"t{time.monotonic_ns()}",
            "response_url": f"{self.slack.url}/respond/1",
        }
        return self.send(form(payload=json.dumps(payload)), **more)

    def submit(
        self, view: dict[str, Any], values: dict[str, str], user: str = ANA, id_: str = "V1", hash_: str = ""
    ) -> tuple[int, str]:
        state = {}
        for block in view["blocks"]:
            name, element = block["block_id"], block["element"]
            value = values.get(name, "")
            held: dict[str, Any] = {"type": element["type"]}
            if element["type"] == "static_select":
                held["selected_option"] = {"value": value} if value else None
            else:
                held["value"] = value or None
            state[name] = {element["action_id"]: held}
        payload = {
            "type": "view_submission",
            "user": {"id": user},
            "view": {
                **view,
                "id": id_,
                "hash": hash_ or str(time.monotonic_ns()),
                "state": {"values": state},
            },
        }
        return self.send(form(payload=json.dumps(payload)))

    def said(self, count: int = 1) -> str:
        """The last private or public answer to a slash command or a button."""
        return json.dumps(self.slack.wait_for("response_url", count)[count - 1].body, ensure_ascii=False)


@contextmanager
def desk() -> Iterator[Desk]:
    with (
        stage() as live,
        SlackServer({ANA: live.email("primary-1"), STRANGER: "x@elsewhere.example", GONE: ""}) as slack,
    ):

        def context(chat: Chat, person: str | None, asker: str, channel: str, policy: Policy) -> Context:
            return Context(
                policies=made.policies,
                policy=policy,
                now=live.now,
                person=person,
                asker=asker,
                channel=channel,
                chat=chat,
                connect=lambda: Transport(live.sandbox.url, SecretStr("any-token")),
            )

        client = client_of(SecretStr(TOKEN), slack.api)
        app = SlackApp(client, SecretStr(SECRET), lambda: live.policy, context)
        server = serve(app.bolt, "127.0.0.1", 0)
        made = Desk(slack, live, f"http://127.0.0.1:{server.server_address[1]}/slack/events", app)
        try:
            yield made
        finally:
            server.shutdown()
            server.server_close()


@pytest.fixture
def at() -> Iterator[Desk]:
    with desk() as made:
        yield made


# -- who may speak -------------------------------------------------------------------------------------------------


def test_a_bad_signature_and_a_replayed_time_are_refused(at: Desk) -> None:
    assert at.type("who", secret="f" * 32)[0] == 401
    assert at.type("who", age=301)[0] == 401
    assert at.send(form(command="/watchbill", text="who"), X_Slack_Signature="v0=00")[0] == 401
    assert not at.slack.calls


@pytest.mark.parametrize("user", [STRANGER, GONE, "U0NOBODY"])
def test_who_is_nobody_in_the_policy_may_ask_and_not_act(at: Desk, user: str) -> None:
    incident = at.live.open()
    at.type("who primary", user=user)
    assert "Primary On-Call" in at.said()
    at.type("take primary 2h", user=user)
    assert "nobody in the policy's people" in at.said(2)
    at.type(f"page cto {incident}", user=user)
    assert "nobody in the policy's people" in at.said(3)
    assert len(at.live.rung(incident)) == 1


def test_what_is_not_allowed_by_the_settings_nobody_may(at: Desk) -> None:
    chat = at.live.policy.settings.chat.model_copy(update={"may": {"page": ("eng-manager",)}})
    at.live.policy = at.live.policy.model_copy(
        update={"settings": at.live.policy.settings.model_copy(update={"chat": chat})}
    )
    incident = at.live.open()
    for place, text in enumerate(
        (f"page cto {incident}", f"update {incident} x", "take primary 1h"), start=1
    ):
        at.type(text)
        assert "is not for you" in at.said(place)
    assert at.live.notes(incident) == []


# -- commands ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "who is on duty, and why"),
        ("help", "have the pager from now on"),
        ("who primary", "primary-2"),
        ("who primary --at \u201ctomorrow 03:00\u201d", "primary-3"),
        ("next database", "primary-3 from"),
        ("why primary", "primary-2"),
        ("simulate P1 database", "eng-manager-holder"),
        ("explain empty-level", "level"),
        ("gaps", "gap"),
        ("load", "hours"),
        ("expert stripe", "#payments"),
        ("vendor google-cloud --severity P1", "hotline"),
        ("wo primary", "did you mean who"),
        ("who --policies /etc", "takes no --policies"),
        ('who "primary', "quote is left open"),
        ("vendor acme", "no vendor"),
        ("who primary \u2014at \u201ctomorrow 03:00\u201d", "primary-3"),
        ("who " + "x" * 5000, "at most 4000 are read"),
        ("who \u0000primary", "Primary On-Call"),
    ],
)
def test_what_people_ask(at: Desk, text: str, expected: str) -> None:
    status, body = at.type(text)
    assert (status, body) == (200, "")
    answer = at.said()
    assert expected in answer
    assert json.loads(answer)["response_type"] == "ephemeral"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plan", "Plan for sandbox"),
        ("drift", "drift"),
        ("metrics --since -4w", "Missed escalations"),
        ("page cto {} it is bad", "Paged cto-holder"),
        ("phone-log {}", "eng-manager-holder"),
        ("phone-log {} primary-2 no-answer", "called primary-2: no answer"),
        ("update {} rolled back", "rolled back"),
        ("update {} it\u2019s Ben's turn, he said \"no", "it's Ben's turn, he said"),
        ("update {} " + "long " * 600, "long long"),
        ("page @cto {} it's bad", "Paged cto-holder"),
        ("take primary 2h", "NOT in git"),
        ("cover primary 2h", "Who takes it?"),
        ("swap primary primary-3", "would like to swap"),
        ("crew add primary infra-1", "GitHub is not connected here"),
        ("propose leave add primary-1 2026-12-24 2026-12-27", "GitHub is not connected here"),
        ("cancel 3", "GitHub is not connected here"),
    ],
)
def test_every_command_that_looks_or_acts(
    at: Desk, text: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGERDUTY_URL", at.live.sandbox.url)
    monkeypatch.setenv("PAGERDUTY_TOKEN", at.live.sandbox.token)
    incident = at.live.open()
    assert at.type(text.format(incident))[0] == 200
    assert expected in at.said()


def test_an_escalation_without_an_incident_is_asked_for_it(at: Desk) -> None:
    for place, text in enumerate(
        ("escalate", "stand-down", "update", "phone-log", "page cto", "take", "cover"), start=1
    ):
        at.type(text)
        assert "?" in at.said(place)


def test_the_acknowledgement_goes_out_before_pagerduty_is_asked(at: Desk) -> None:
    incident = at.live.open()
    at.live.sandbox.world.faults.replace([parse_fault("latency:1,seconds=10,times=1")])
    began = time.monotonic()
    assert at.type(f'update {incident} "still working"')[0] == 200
    assert time.monotonic() - began < 2
    assert not at.slack.made("response_url")
    at.slack.wait_for("response_url", seconds=40)
    assert "still working" in at.said()
    assert time.monotonic() - began > 10


def test_the_dialog_opens_at_once_and_is_filled_when_pagerduty_has_answered(at: Desk) -> None:
    incident = at.live.open()
    at.live.sandbox.world.faults.replace([parse_fault("latency:1,seconds=3,times=1")])
    began = time.monotonic()
    at.type(f"escalate {incident}")
    opened = at.slack.wait_for("views.open")[0]
    assert opened.at - began < 2
    filled = at.slack.wait_for("views.update")[0]
    assert filled.body["view_id"] == "V1"
    names = [block["block_id"] for block in filled.body["view"]["blocks"]]
    assert {"severity", "duration", "impact", "tried", "why", "ask", "channel"} <= set(names)
    View(**filled.body["view"]).validate_json()


WORDS = {"impact": "logins fail", "tried": "restart - no change", "why": "stuck", "ask": "look"}


def opened_form(at: Desk, command: str) -> dict[str, Any]:
    at.type(command)
    view: dict[str, Any] = at.slack.wait_for("views.update")[0].body["view"]
    return view


def test_an_escalation_from_the_dialog(at: Desk) -> None:
    incident = at.live.open()
    view = opened_form(at, f"escalate {incident}")
    status, body = at.submit(view, {"to": "level 2", **WORDS})
    assert status == 200
    assert json.loads(body)["response_action"] == "update"
    at.slack.wait_for("chat.postMessage", 2)
    assert at.live.rung(incident)[-1] == (0, "eng-manager-holder")
    told = at.slack.made("chat.postMessage")[0].body
    assert told["channel"] == "#inc-20261123-it-is-down"
    assert "logins fail" in told["text"]


def test_missing_fields_are_shown_at_their_places(at: Desk) -> None:
    incident = at.live.open()
    view = opened_form(at, f"escalate {incident}")
    _, body = at.submit(view, {"to": "level 2", "impact": "x"})
    told = json.loads(body)
    assert told["response_action"] == "errors"
    assert set(told["errors"]) == {"tried", "why", "ask"}
    assert len(at.live.rung(incident)) == 1
    _, body = at.submit(view, {"to": "level 2", "reason": "stuck"})
    assert json.loads(body)["response_action"] == "update"


def test_skipping_a_level_is_refused_in_the_dialog(at: Desk) -> None:
    incident = at.live.open()
    view = opened_form(at, f"escalate {incident}")
    at.submit(view, {"to": "level 4", **WORDS})
    shown = at.slack.wait_for("views.update", 2)[1].body["view"]
    assert "would skip" in json.dumps(shown)
    assert at.live.doc(incident)["level"] == 1


def test_going_down_is_refused_in_the_dialog_and_not_offered(at: Desk) -> None:
    incident = at.live.open()
    before = opened_form(at, f"escalate {incident}")
    assert levels_in(before) == ["level 2", "level 3", "level 4", "level 5"]
    at.live.put(incident, "primary-2", escalation_level=3)
    for place, level in enumerate((2, 1, 3), start=2):
        at.submit(before, {"to": f"level {level}", **WORDS, "emergency": "at once"}, hash_=f"1.{place}")
        shown = json.dumps(at.slack.wait_for("views.update", place)[place - 1].body["view"])
        assert "Not done" in shown
        assert "level 3 (VP Engineering)" in shown
    assert at.live.doc(incident)["level"] == 3
    assert at.live.notes(incident) == []
    at.type(f"escalate {incident}")
    after = at.slack.wait_for("views.update", 5)[4].body["view"]
    assert levels_in(after) == ["level 4", "level 5"]
    at.submit(after, {"to": "level 4", **WORDS})
    at.slack.wait_for("chat.postMessage")
    assert at.live.doc(incident)["level"] == 4


def levels_in(view: dict[str, Any]) -> list[str]:
    (block,) = (block for block in view["blocks"] if block["block_id"] == "to")
    values = [option["value"] for option in block["element"]["options"]]
    assert block["element"]["initial_option"]["value"] in values
    return [value for value in values if value.startswith("level")]


def test_standing_down_from_the_dialog(at: Desk) -> None:
    incident = at.live.open()
    at.live.put(incident, "primary-2", status="acknowledged")
    at.live.escalate(incident, need="decision-authority", reason="stuck")
    view = opened_form(at, f"stand-down {incident}")
    at.submit(view, {"met": "1", "needed": "yes"})
    at.slack.wait_for("chat.postMessage", 2)
    assert "needed=yes" in at.live.notes(incident)[-1]


def test_a_retry_and_a_double_click_do_nothing_twice(at: Desk) -> None:
    incident = at.live.open()
    for _ in range(3):
        at.type(f'update {incident} "once"', trigger="the-same", X_Slack_Retry_Num="1")
    for _ in range(3):
        at.press(f"update {incident} twice")
    at.slack.wait_for("response_url", 2)
    time.sleep(0.5)
    assert len(at.live.notes(incident)) == 2


def test_who_was_refused_may_press_again(at: Desk) -> None:
    at.press("accept 00000000")
    at.said()
    at.press("accept 00000000")
    assert "there is no such offer" in at.said(2)


def test_a_dialog_that_lacked_a_field_can_be_sent_again(at: Desk) -> None:
    incident = at.live.open()
    view = opened_form(at, f"escalate {incident}")
    values = {"to": "level 2", "tried": "restart - no change", "why": "stuck", "ask": "look"}
    assert json.loads(at.submit(view, values, hash_="1.a")[1])["response_action"] == "errors"
    at.submit(view, {**values, "impact": "logins fail"}, hash_="1.a")
    at.slack.wait_for("chat.postMessage")
    assert len(at.live.rung(incident)) == 2


def test_an_answer_finds_its_way_when_its_address_is_dead(at: Desk) -> None:
    incident = at.live.open()
    at.slack.refuse["response_url"] = "expired_url"
    at.type("who primary")
    assert "Primary On-Call" in json.dumps(at.slack.wait_for("chat.postEphemeral")[0].body)
    at.type(f"page cto {incident}")
    assert any("Paged cto-holder" in json.dumps(c.body) for c in at.slack.wait_for("chat.postMessage", 2))
    at.slack.refuse["chat.postEphemeral"] = "not_in_channel"
    at.type("who infra")
    told = at.slack.wait_for("chat.postMessage", 3)[2].body
    assert told["channel"] == ANA
    assert "Infrastructure On-Call" in json.dumps(told)


def test_a_rate_limited_answer_is_waited_for(at: Desk) -> None:
    at.slack.limited["response_url"] = 2
    at.type("who primary")
    assert "Primary On-Call" in at.said()


def test_the_forms_own_words_stand_in_the_message(at: Desk) -> None:
    incident = at.live.open()
    view = opened_form(at, f"escalate {incident}")
    values = {"to": "level 2", "severity": "P1, soon more", "duration": "since noon"}
    at.submit(view, {**values, "impact": "a", "tried": "b", "why": "c", "ask": "d"})
    told = at.slack.wait_for("chat.postMessage")[0].body["text"]
    assert "*Current Severity:* P1, soon more" in told
    assert "*Duration:* since noon" in told


def test_what_is_over_is_not_escalated_and_nonsense_is_no_incident(at: Desk) -> None:
    incident = at.live.open()
    at.live.put(incident, "primary-2", status="resolved")
    at.type(f"escalate {incident}")
    assert "is resolved" in json.dumps(at.slack.wait_for("views.update")[0].body)
    at.type("update " + "A" * 1900)
    assert "that is no incident" in json.dumps(at.slack.wait_for("views.update", 2)[1].body)


def test_an_update_told_to_the_app_alone_goes_to_the_incidents_channel(at: Desk) -> None:
    incident = at.live.open()
    event = {"type": "message", "channel_type": "im", "user": ANA, "channel": "D0ALONE"}
    event["text"] = f"update {incident} it's better"
    body = json.dumps({"type": "event_callback", "event_id": "Ev8", "event": event})
    at.send(body, Content_Type="application/json")
    assert at.slack.wait_for("chat.postMessage")[0].body["channel"] == "#inc-20261123-it-is-down"


def test_who_is_mentioned_is_meant(at: Desk) -> None:
    at.slack.users["U0PRIMARY3"] = at.live.email("primary-3")
    event = {
        "type": "app_mention",
        "user": ANA,
        "text": "<@UBOT> swap primary <@U0PRIMARY3|carl>",
        "channel": "C0INC",
    }
    at.send(
        json.dumps({"type": "event_callback", "event_id": "Ev7", "event": event}),
        Content_Type="application/json",
    )
    assert "primary-3: primary-1 would like to swap" in json.dumps(
        at.slack.wait_for("chat.postMessage")[0].body
    )


def test_a_stale_button_says_so(at: Desk) -> None:
    at.press("accept 00000000")
    assert "there is no such offer" in at.said()
    at.press("accept primary primary-2 2026-11-22T00:00 2026-11-22T02:00", message="2.0")
    assert "cannot be read any more" in at.said(2)


def test_paging_that_fails_says_so_loudly(at: Desk) -> None:
    with away(at.live.sandbox):
        at.type("page cto 1")
        assert "NOBODY was paged. Call them" in at.said()


def test_hostile_words_ping_nobody(at: Desk) -> None:
    incident = at.live.open(title="<!channel> *bold* <https://evil.example|click>")
    view = opened_form(at, f"escalate {incident}")
    at.submit(view, {"to": "level 2", **WORDS, "impact": "<!here> & <@U123> ```x```"})
    at.slack.wait_for("chat.postMessage", 2)
    for call in at.slack.made("chat.postMessage", "views.update", "response_url"):
        for bad in ("<!channel>", "<!here>", "<@U123>", "<https://evil"):
            assert bad not in json.dumps(_mrkdwn(call.body)), (call.method, bad)


def _mrkdwn(body: Any) -> list[str]:
    """Only where Slack reads markup: mrkdwn objects and the text of a message."""
    found: list[str] = []
    if isinstance(body, dict):
        if body.get("type") == "mrkdwn" or ("channel" in body and "text" in body):
            found.append(str(body.get("text")))
        for value in body.values():
            found += _mrkdwn(value)
    elif isinstance(body, list):
        for value in body:
            found += _mrkdwn(value)
    return found


def test_every_message_is_valid_block_kit(at: Desk) -> None:
    incident = at.live.open()
    for place, text in enumerate(
        ("help", "who", "load", "gaps", "cover primary 2h", "simulate P1 database"), start=1
    ):
        at.type(text)
        at.said(place)
    opened_form(at, f"escalate {incident}")
    for call in at.slack.made("response_url", "chat.postMessage"):
        assert call.body["text"]
        blocks = Block.parse_all(call.body["blocks"])
        assert 0 < len(blocks) <= 50
        for block in blocks:
            block.validate_json()
            if isinstance(block, ActionsBlock):
                for element in block.elements:
                    element.validate_json()
    for call in at.slack.made("views.open", "views.update"):
        View(**call.body["view"]).validate_json()


def write_large(folder: Path) -> None:
    people = [f"p{n}" for n in range(600)]
    made: dict[str, Any] = {
        "settings": {"format": 1, "organization": "Large", "time_zone": "Europe/Bucharest"},
        "people": {p: {"name": f"Person {p}, of the many", "email": f"{p}@x.example"} for p in people},
        "rotations": {
            f"r{n}": {
                "title": f"Rotation number {n} with a long title & <marks>",
                "turn": "1 week",
                "handoff": "mon 09:00",
                "from": "2026-01-05",
                "crew": people[3 * n : 3 * n + 3],
            }
            for n in range(200)
        },
    }
    folder.mkdir()
    for kind, value in made.items():
        (folder / f"{kind}.yaml").write_text(json.dumps({kind: value}), "utf-8")


def test_the_largest_policy_still_fits(at: Desk, tmp_path: Path) -> None:
    """Two hundred rotations, six hundred people."""
    folder = tmp_path / "policies"
    write_large(folder)
    at.policies = folder
    large = load_valid(folder).policy
    assert large is not None
    at.live.policy = large
    for place, text in enumerate(("who", "next", "load", "help"), start=1):
        at.type(text)
        at.said(place)
    for call in at.slack.made("response_url"):
        blocks = Block.parse_all(call.body["blocks"])
        assert 0 < len(blocks) <= 50
        for block in call.body["blocks"]:
            assert len(block.get("text", {}).get("text", "")) <= 3000
        assert len(call.body["text"]) <= 4000


@pytest.mark.parametrize(
    "flags",
    [
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_stranger": True},
        {"is_bot": True},
        {"deleted": True},
        {"team_id": "T2"},
        {"team_id": "T2", "enterprise_user": {"enterprise_id": "E2"}},
    ],
    ids=str,
)
def test_only_full_members_of_the_workspace_act(at: Desk, flags: dict[str, Any]) -> None:
    incident = at.live.open()
    at.slack.flags[ANA] = flags
    at.type(f"page cto {incident}")
    assert "is nobody in the policy's people" in at.said()
    assert len(at.live.rung(incident)) == 1


@pytest.mark.parametrize("page", ["page", '"page"', "\u201cpage\u201d", "PAGE"])
def test_a_user_who_was_deactivated_a_moment_ago_does_not_act(at: Desk, page: str) -> None:
    incident = at.live.open()
    at.type("who primary")
    at.said()
    at.slack.flags[ANA] = {"deleted": True}
    at.type(f"{page} cto {incident}")
    assert "is nobody in the policy's people" in at.said(2)


@pytest.mark.parametrize("mark", [{"bot_id": "B2"}, {"edited": {"user": ANA}}, {"subtype": "bot_message"}])
def test_a_mention_by_a_bot_or_in_an_edited_message_is_not_answered(at: Desk, mark: dict[str, Any]) -> None:
    for place, more in enumerate((mark, {})):
        event = {"type": "app_mention", "user": ANA, "channel": "C0INC", "text": "<@UBOT> who primary"}
        body = {"type": "event_callback", "event_id": f"E{place}", "event": {**event, **more}}
        at.send(json.dumps(body), Content_Type="application/json")
    assert len(at.slack.wait_for("chat.postEphemeral")) == 1


def test_a_slow_act_shows_that_it_works(at: Desk) -> None:
    at.app.working_after = 0
    incident = at.live.open()
    at.type(f"page cto {incident}")
    assert "Paged cto-holder" in at.said()
    assert at.slack.wait_for("chat.postEphemeral")[0].body["text"] == "working \u2026"
    at.type("who primary")
    at.said(2)
    assert len(at.slack.made("chat.postEphemeral")) == 1, "a question is quick"


def test_a_channel_that_is_not_there_is_created(at: Desk) -> None:
    policy = load_valid(at.policies).policy
    assert policy is not None
    chat = SlackChat(at.app.client, at.app.people, policy)
    at.slack.absent.add("#inc-new")
    chat.post("inc-new", "**It** is down", mention=["primary-1"])
    (made,) = at.slack.made("conversations.create")
    assert made.body["name"] == "inc-new"
    assert at.slack.made("conversations.invite")[0].body["users"] == ANA
    told = at.slack.made("chat.postMessage")[-1].body
    assert (told["channel"], told["text"]) == ("C0NEW0", f"<@{ANA}>\n*It* is down")
    for error, words in (
        ("name_taken", "invite the app"),
        ("missing_scope", "channels:manage"),
        ("restricted_action", "does not let the app create it"),
    ):
        at.slack.refuse["conversations.create"] = error
        with pytest.raises(RuntimeError, match=words):
            chat.post("inc-new", "again")


def test_rate_limits_are_waited_for(at: Desk) -> None:
    at.slack.limited["users.info"] = 1
    at.type("who primary")
    assert "Primary On-Call" in at.said()


def test_socket_mode_runs_the_same_handlers(at: Desk) -> None:
    at.app.bolt.client.base_url = at.slack.api
    handler = SocketModeHandler(
        at.app.bolt, "xapp-1-local", web_client=client_of(SecretStr("xapp-1-local"), at.slack.api)
    )
    handler.connect()  # type: ignore[no-untyped-call]
    try:
        payload = {
            "command": "/watchbill",
            "text": "who primary",
            "user_id": ANA,
            "channel_id": "C0INC",
            "trigger_id": "s1",
            "response_url": f"{at.slack.url}/respond/1",
        }
        for _ in range(2):
            at.slack.push(
                {
                    "type": "slash_commands",
                    "envelope_id": "e1",
                    "payload": payload,
                    "accepts_response_payload": True,
                }
            )
        assert "Primary On-Call" in at.said()
        event = {
            "type": "app_mention",
            "user": ANA,
            "text": "<@UBOT> next database",
            "channel": "C0INC",
            "ts": "9.9",
        }
        call = {
            "type": "event_callback",
            "event_id": "Ev1",
            "event": event,
            "authorizations": [{"user_id": "UBOT"}],
        }
        at.slack.push({"type": "events_api", "envelope_id": "e2", "payload": call})
        told = at.slack.wait_for("chat.postEphemeral")[0].body
        assert "primary-3" in json.dumps(told)
        assert {ack["envelope_id"] for ack in at.slack.acks} == {"e1", "e2"}
        assert len(at.slack.made("response_url")) == 1
    finally:
        handler.close()  # type: ignore[no-untyped-call]
