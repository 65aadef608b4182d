"""The Bolt app.  The same handlers serve HTTP and Socket Mode; every request is acknowledged before anything slow
is asked, and whatever takes longer comes afterwards."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from pydantic import SecretStr
from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import default_retry_handlers
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from watchbill.chat.answer import Answer, refused
from watchbill.chat.commands import acts, answer, split
from watchbill.chat.context import Context
from watchbill.chat.slack.blocks import FORM, RUN, buttons_spent, filled, message, modal, notice
from watchbill.chat.slack.once import Seen
from watchbill.chat.slack.people import SlackPeople
from watchbill.chat.slack.post import SlackChat
from watchbill.chat.slack.working import WORKING_AFTER, patience
from watchbill.errors import WatchbillError
from watchbill.incident.ports import Chat
from watchbill.model.policy import Policy

log = logging.getLogger(__name__)

MakeContext = Callable[[Chat, str | None, str, str, Policy], Context]
"""(chat, handle or None, name in Slack, channel, policy) -> context."""

FORMED = frozenset({"escalate", "update", "stand-down"})
"""Commands that may open a dialog.  Slack gives three seconds for that, so it opens before PagerDuty is asked."""
RATE_LIMIT_TRIES = 3


def client_of(token: SecretStr, base_url: str = "") -> WebClient:
    client = WebClient(token.get_secret_value(), timeout=20, base_url=base_url or WebClient.BASE_URL)
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=RATE_LIMIT_TRIES))
    return client


def _quiet() -> logging.Logger:
    """For Bolt, which copies level and filters to its own loggers: at INFO it logs whole bodies of requests, and it
    warns that it finds our token in the environment too."""
    quiet = logging.getLogger("watchbill.slack_bolt")
    quiet.setLevel(logging.WARNING)
    quiet.addFilter(_is_news)
    return quiet


def _is_news(record: logging.LogRecord) -> bool:
    return "`token` will be unused" not in record.getMessage()


class SlackApp:
    def __init__(
        self,
        client: WebClient,
        signing_secret: SecretStr,
        policy: Callable[[], Policy],
        context: MakeContext,
        *,
        command: str = "/watchbill",
        working_after: float = WORKING_AFTER,
    ) -> None:
        self.client, self._policy, self._context = client, policy, context
        self.working_after = working_after
        self.people = SlackPeople(client)
        self.seen = Seen()
        self.bolt = App(
            client=client,
            signing_secret=signing_secret.get_secret_value(),
            token_verification_enabled=False,
            logger=_quiet(),
        )
        self.bolt.use(self._only_once)
        self.bolt.command(command)(self._command)
        self.bolt.action(re.compile(f"^{RUN}:"))(self._click)
        self.bolt.view(FORM)(self._submitted)
        self.bolt.event("app_mention")(self._mentioned)
        self.bolt.event("message")(self._message)

    # -- what comes in: acknowledged first

    def _only_once(
        self, body: dict[str, Any], next_: Callable[[], BoltResponse], req: BoltRequest
    ) -> BoltResponse | None:
        if self.seen.before(body):
            return BoltResponse(status=200, body="")
        return next_()

    def _command(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        text = str(body.get("text") or "")
        opened = self._open_at_once(text, body)
        self._answer(text, body, self._responding(body), opened)

    def _click(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        action = body["actions"][0]
        text = str(action.get("value") or "")
        opened = self._open_at_once(text, body)
        found = self._answer(text, body, self._responding(body), opened)
        if found.failed:
            self.seen.forget(body)
        elif found.form is None:
            self._spend(body, found)

    def _submitted(self, ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        known = json.loads(view.get("private_metadata") or "{}")
        values = filled(view)
        errors = _missing(known.get("command", ""), values)
        if errors:
            self.seen.forget(body)
            ack(response_action="errors", errors=errors)
            return
        ack(response_action="update", view=notice("Working", "One moment \u2026"))
        found = self._run(known.get("command", ""), body, known.get("channel", ""), values)
        self._show(view["id"], notice("Not done" if found.failed else "Done", found.text))
        if not found.private and known.get("channel"):
            self._post(known["channel"], found)

    def _mentioned(self, event: dict[str, Any]) -> None:
        """By a person, in a message as it was first sent."""
        if event.get("bot_id") or event.get("subtype") or event.get("edited"):
            return
        text = re.sub(r"^\s*<@[A-Z0-9]+>\s*", "", str(event.get("text") or ""))
        body = {"user": {"id": event.get("user")}, "channel": {"id": event.get("channel")}}
        text = re.sub(r"<@([A-Z0-9]+)(?:\|[^>]*)?>", lambda who: self._handle(who[1]), text)
        with self._patience(text, body):
            found = self._run(_unescape(text), body, str(event.get("channel") or ""), {})
        self._reply(event, found)

    def _handle(self, user: str) -> str:
        """Of a person who is mentioned; what the policy does not know stays as it was."""
        try:
            handle, _ = self.people.person(self._policy(), user)
        except (SlackApiError, WatchbillError):
            handle = None
        return handle or f"@{user}"

    def _message(self, event: dict[str, Any]) -> None:
        """Only what is said to the app alone."""
        if event.get("channel_type") == "im":
            self._mentioned(event)

    # -- what is done then

    def _answer(
        self, text: str, body: dict[str, Any], respond: Callable[[Answer], None], opened: str
    ) -> Answer:
        with self._patience(text, body):
            found = self._run(text, body, _channel(body), {})
        if opened and found.form is not None:
            self._show(opened, modal(found.form, _channel(body)))
        elif opened:
            self._show(opened, notice("Not done" if found.failed else "Done", f"{found.text}\n{found.table}"))
        elif found.form is not None:
            respond(refused("the dialog could not be opened in time; please try again"))
        else:
            respond(found)
        return found

    def _patience(self, text: str, body: Mapping[str, Any]) -> AbstractContextManager[None]:
        if not acts(text):
            return nullcontext()
        return patience(self.client, _channel(body), _user(body), self.working_after)

    def _run(self, text: str, body: Mapping[str, Any], channel: str, values: Mapping[str, str]) -> Answer:
        """Whatever goes wrong is told to who asked."""
        try:
            policy = self._policy()
            handle, name = self.people.person(policy, _user(body), fresh=acts(text))
            chat = SlackChat(self.client, self.people, policy)
            return answer(self._context(chat, handle, name, channel, policy), text, values)
        except WatchbillError as failed:
            return refused(f"{failed.message}. {failed.remedy}".strip())
        except SlackApiError as failed:
            return refused(f"Slack refused: {failed.response.get('error')}")
        except Exception:
            log.exception("a chat command failed")
            return refused(
                "this went wrong inside of watchbill; its log says more. Nothing is known to have been done."
            )

    def _open_at_once(self, text: str, body: dict[str, Any]) -> str:
        """The id of a dialog that says it is coming; "" where none is needed."""
        try:
            words = split(text)
        except ValueError:
            return ""
        bare = len(words) == 2 and words[0].lower() in FORMED
        if not bare or not body.get("trigger_id"):
            return ""
        try:
            made = self.client.views_open(
                trigger_id=body["trigger_id"], view=notice("One moment", "Looking at the incident \u2026")
            )
        except SlackApiError as refused_:
            log.warning("no dialog: %s", refused_.response.get("error"))
            return ""
        return str(made["view"]["id"])

    def _show(self, view: str, what: dict[str, Any]) -> None:
        try:
            self.client.views_update(view_id=view, view=what)
        except SlackApiError as refused_:
            log.warning("the dialog is gone: %s", refused_.response.get("error"))

    def _responding(self, body: dict[str, Any]) -> Callable[[Answer], None]:
        """By the address that Slack gave with the request, which dies after half an hour and five answers; else in
        the channel, else to the person alone: an answer is never lost in silence."""

        def respond(found: Answer) -> None:
            private = found.private or found.failed
            if self._responded(str(body.get("response_url") or ""), found, private=private):
                return
            channel, user = _channel(body), _user(body)
            try:
                if private:
                    self.client.chat_postEphemeral(channel=channel, user=user, **message(found))
                else:
                    self._post(channel, found)
            except SlackApiError as refused_:
                log.warning("the channel did not take the answer: %s", refused_.response.get("error"))
                self._post(user, found)

        return respond

    def _responded(self, url: str, found: Answer, *, private: bool) -> bool:
        if not url:
            return False
        kind = "ephemeral" if private else "in_channel"
        patient = [*default_retry_handlers(), RateLimitErrorRetryHandler(max_retry_count=RATE_LIMIT_TRIES)]
        address = WebhookClient(url, timeout=20, retry_handlers=patient)
        try:
            sent = address.send(response_type=kind, replace_original=False, **message(found))
        except OSError as away:
            log.warning("the answer was not taken: %s", away)
            return False
        if sent.status_code >= 300:
            log.warning("the answer was not taken: %s", sent.status_code)
        return sent.status_code < 300

    def _post(self, channel: str, found: Answer) -> None:
        if channel:
            self.client.chat_postMessage(channel=channel, unfurl_links=False, **message(found))

    def _reply(self, event: dict[str, Any], found: Answer) -> None:
        channel, user = str(event.get("channel") or ""), str(event.get("user") or "")
        if event.get("channel_type") == "im" or not (found.private or found.failed):
            self._post(channel, found)
        else:
            self.client.chat_postEphemeral(channel=channel, user=user, **message(found))

    def _spend(self, body: dict[str, Any], found: Answer) -> None:
        """The offer is taken: its buttons go, so nobody presses them in vain."""
        stamp, channel = (body.get("container") or {}).get("message_ts"), _channel(body)
        old = (body.get("message") or {}).get("blocks")
        if not stamp or not old or found.private or (body.get("container") or {}).get("is_ephemeral"):
            return
        try:
            self.client.chat_update(
                channel=channel, ts=stamp, text=found.text, blocks=buttons_spent(old, found.text)
            )
        except SlackApiError as refused_:
            log.warning("the offer still shows its buttons: %s", refused_.response.get("error"))


def _missing(command: str, values: Mapping[str, str]) -> dict[str, str]:
    """What can be said at once, before anybody is asked: the runbook wants its template in full, or a reason."""
    if not command.startswith("escalate ") or values.get("reason"):
        return {}
    words = {"impact": "what is broken, for whom", "tried": "what was tried, or choose a reason not to delay"}
    words |= {"why": "why it is escalated", "ask": "what whoever comes shall do"}
    return {
        name: f"Needed: {told}" for name, told in words.items() if name in values and not values[name].strip()
    }


def _user(body: Mapping[str, Any]) -> str:
    user = body.get("user")
    return str((user.get("id") if isinstance(user, dict) else None) or body.get("user_id") or "")


def _channel(body: Mapping[str, Any]) -> str:
    channel = body.get("channel")
    return str((channel.get("id") if isinstance(channel, dict) else None) or body.get("channel_id") or "")


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
