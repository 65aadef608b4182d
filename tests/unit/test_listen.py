"""The small server behind PagerDuty's webhooks and Slack's requests."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from watchbill.cli.listening import listening
from watchbill.errors import UsageError
from watchbill.listen import Post, Reply, listen

LARGEST = 1000


class Served:
    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.server = listen(self.take, "127.0.0.1", 0, largest=LARGEST, patience=5)
        self.port = int(self.server.server_address[1])

    def take(self, post: Post) -> Reply:
        self.posts.append(post)
        return Reply(202, {"Content-Type": "text/plain", "Content-Length": "99"}, "tăcut")

    def post(self, path: str, body: bytes, **headers: str) -> tuple[int, dict[str, str], bytes]:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            client.request("POST", path, body, headers)
            answer = client.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            client.close()


@pytest.fixture
def served() -> Iterator[Served]:
    made = Served()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_post_comes_with_path_headers_and_body_and_the_reply_goes_back(served: Served) -> None:
    status, headers, body = served.post("/slack/events?a=b", b"x=1", **{"X-Some-Thing": "Yes"})
    (post,) = served.posts
    assert (post.path, post.headers["x-some-thing"], post.body) == ("/slack/events", "Yes", b"x=1")
    assert (status, headers["Content-Type"], body.decode()) == (202, "text/plain", "tăcut")
    assert headers["Content-Length"] == str(len(body)), "counted in bytes, whatever the reply says"


@pytest.mark.parametrize("size", [LARGEST + 1, 4 * LARGEST])
def test_too_much_is_refused_unread_and_the_sender_can_read_it(served: Served, size: int) -> None:
    assert served.post("/", b"x" * size)[0] == 413
    assert served.post("/", b"x" * LARGEST)[0] == 202
    assert [len(post.body) for post in served.posts] == [LARGEST]


def test_a_length_that_is_none_is_refused(served: Served, capfd: pytest.CaptureFixture[str]) -> None:
    for length in ("-1", "", "x", "9" * 5000, "\u0663".encode().decode("latin-1"), "1_0"):
        assert served.post("/", b"", **{"Content-Length": length})[0] == 400, length[:9]
    assert served.posts == []
    assert "Traceback" not in capfd.readouterr().err


def test_a_verb_gives_its_port_back_and_a_taken_one_is_refused() -> None:
    def serve(host: str, port: int) -> ThreadingHTTPServer:
        return listen(lambda post: Reply(200), host, port, largest=LARGEST, patience=5)

    with listening(serve, "127.0.0.1", 0, option="--listen") as port:
        with (
            pytest.raises(UsageError, match=f"port {port} on 127.0.0.1 can't be used") as refused,
            listening(serve, "127.0.0.1", port, option="--listen"),
        ):
            pass
        assert refused.value.remedy == "choose another --listen"
    with listening(serve, "127.0.0.1", port, option="--listen") as again:
        assert again == port
