"""Offers that wait for a yes, in one file of the chat's state: they outlive a restart, and each is taken once."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import ValidationError

from watchbill.apply.lock import one_at_a_time
from watchbill.config.edit_write import write_text
from watchbill.errors import WatchbillError
from watchbill.local_files import read_bounded
from watchbill.model.base import Model
from watchbill.rota.clock import DAY

Kind = Literal["cover", "swap"]

LONGEST_OPEN = 7 * DAY
_KEPT = 7 * DAY
"""How long an offer that is over is remembered, to name the reason."""
_MOST = 1_000
_PATIENCE = 10.0
"""Seconds to wait for another process."""


class Offer(Model):
    id: str
    kind: Kind
    rotation: str
    asker: str
    addressees: tuple[str, ...]
    shifts: tuple[tuple[int, int], ...]
    """(start, end) in seconds since 1970.  Of a cover: the asker's span.  Of a swap: the asker's shift, then the other one's."""
    expires: int
    taken_by: str = ""


class _Book(Model):
    format: Literal["watchbill.offers/1"] = "watchbill.offers/1"
    offers: tuple[Offer, ...] = ()
    settled: tuple[int, ...] = ()
    """Rejected pull requests that need no more looks: people were notified, or no override holds."""


class Refusal(NamedTuple):
    """Why an offer cannot be taken."""

    reason: Literal["unknown", "expired", "taken", "not-addressed"]
    offer: Offer | None = None


class OfferBook:
    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder / "offers.json"

    def put(self, offer: Offer, now: int) -> Offer:
        """With an id of its own, open for a week at most."""
        made = offer.model_copy(
            update={"id": secrets.token_hex(4), "expires": min(offer.expires, now + LONGEST_OPEN)}
        )
        with self._changed() as offers:
            for old in [one for one in offers.values() if one.expires < now - _KEPT]:
                del offers[old.id]
            if len(offers) >= _MOST:
                raise WatchbillError(f"{_MOST} offers are open", remedy="wait until some have expired")
            offers[made.id] = made
        return made

    def take(self, kind: Kind, id_: str, person: str, now: int) -> Offer | Refusal:
        """Marks it as taken, before anything is done: a kill in between loses the offer, and doubles nothing."""
        with self._changed() as offers:
            offer = offers.get(id_)
            if offer is None or offer.kind != kind:
                return Refusal("unknown")
            if offer.taken_by:
                return Refusal("taken", offer)
            if person not in offer.addressees:
                return Refusal("not-addressed", offer)
            if offer.expires <= now:
                return Refusal("expired", offer)
            offers[id_] = offer.model_copy(update={"taken_by": person})
            return offer

    def give_back(self, id_: str) -> None:
        """It could not be done, so it is open again."""
        with self._changed() as offers:
            if id_ in offers:
                offers[id_] = offers[id_].model_copy(update={"taken_by": ""})

    @property
    def settled(self) -> frozenset[int]:
        """Numbers of rejected pull requests that need no more looks."""
        return frozenset(self._read().settled)

    def settle(self, number: int) -> bool:
        """False where this rejected pull request was settled before."""
        with one_at_a_time(self._folder, "offers", _PATIENCE):
            book = self._read()
            if number in book.settled:
                return False
            self._write(book.model_copy(update={"settled": (*book.settled, number)[-_MOST:]}))
            return True

    @contextmanager
    def _changed(self) -> Iterator[dict[str, Offer]]:
        """By id; written when the block ends.  One process at a time."""
        with one_at_a_time(self._folder, "offers", _PATIENCE):
            book = self._read()
            offers = {offer.id: offer for offer in book.offers}
            before = dict(offers)
            yield offers
            if offers != before:
                self._write(book.model_copy(update={"offers": tuple(offers.values())}))

    def _write(self, book: _Book) -> None:
        write_text(self._path, book.model_dump_json(indent=1) + "\n", private=True)

    def _read(self) -> _Book:
        try:
            return _Book.model_validate(json.loads(read_bounded(self._path)))
        except FileNotFoundError:
            return _Book()
        except (OSError, ValueError, RecursionError, ValidationError):
            raise WatchbillError(
                f"the offers in {self._path} cannot be read, so none can be taken",
                remedy="delete the file, and ask again",
            ) from None
