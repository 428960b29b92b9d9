"""Images of trades and entries."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.tokens import TokenAuthentication
from common import clock
from common.api import PRIVATE, answers, answers_file, read, read_body
from common.multipart import Form
from journal import actions, examples, queries, store
from journal.addresses import SignedAddress, reader
from journal.pictures import ENDINGS
from journal.queries.images import UnknownImage, image_row
from journal.serializers import ImageOut, JournalMetaOut, JournalParams, StorageOut, UploadIn
from journal.views.answer import Whatever, reply_one

# It is shown where it is asked for, and is nothing but a picture: whatever a browser thinks of it,
# it runs no script of ours and sends nothing.
HARMLESS = {
    **PRIVATE,
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class Upload(APIView):
    """Keep a picture with an own trade or entry: multipart/form-data."""

    parser_classes = (Form,)

    @answers(
        ImageOut, meta=JournalMetaOut, body=UploadIn, status=201,
        asked=examples.UPLOAD, asked_as=Form.media_type,
        example=examples.IMAGE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Keep a picture with an own trade or entry: multipart/form-data.

        It is drawn anew from its pixels, upright, and stored without metadata. Pictures that move,
        and PNG or WebP files with something behind their end, are refused; so is a Content-Type of
        the part that is not what is in it. 413 where it is too large, or the quota is used up.
        """
        asked = read_body(UploadIn, request)
        journal = access.own_journal(access.viewer(request))
        image = actions.take_in(
            journal=journal,
            file=asked["image"],
            said=asked["image"].content_type or "",
            trade_id=asked["trade"],
            entry_id=asked["entry"],
            at=clock.now(),
        )
        row = image_row(image, reader(request).sign)
        return reply_one(ImageOut, row, trader_id=journal.trader_id, status=201)


class Image(APIView):
    """A picture as it is stored."""

    authentication_classes = (TokenAuthentication, SignedAddress)
    content_negotiation_class = Whatever

    @answers_file(*ENDINGS, says="The picture", never=(400, 403))
    def get(self, request: Request, image_id: UUID) -> HttpResponseBase:
        """Send a picture as it is stored.

        With a token, or at the signed `url` that lists tell, without one: for `<img>`.
        """
        scope = access.coached_in_view(access.viewer(request))
        image = queries.image_file(image_id, scope=scope)
        etag = f'"{image.id}"'  # never written anew
        if answer := get_conditional_response(request._request, etag=etag):
            return _sent(answer, etag)
        if (content := store.content(image.path)) is None:
            raise UnknownImage
        name = f"{image.id}.{ENDINGS[image.content_type]}"
        sent = HttpResponse(content, image.content_type)
        sent["Content-Disposition"] = f'inline; filename="{name}"'
        return _sent(sent, etag)

    @answers(StorageOut, meta=JournalMetaOut, example=examples.STORAGE)
    def delete(self, request: Request, image_id: UUID) -> Response:
        """Delete an image of the own journal; the answer says what room is taken now."""
        user = access.viewer(request)
        journal = access.own_journal(user)
        actions.delete_image(journal=journal, image_id=image_id, by=user.email, at=clock.now())
        room = queries.storage(trader_id=journal.trader_id)
        return reply_one(StorageOut, room, trader_id=journal.trader_id)


class Storage(APIView):
    """Room that the images of a journal take, and may take."""

    @answers(StorageOut, JournalParams, meta=JournalMetaOut, example=examples.STORAGE)
    def get(self, request: Request) -> Response:
        trader = read(JournalParams, request)["trader"]
        scope = access.journal_in_view(access.viewer(request), trader=trader)
        room = queries.storage(trader_id=scope.trader_id)
        return reply_one(StorageOut, room, trader_id=scope.trader_id)


def _sent(answer: HttpResponseBase, etag: str) -> HttpResponseBase:
    for name, value in {**HARMLESS, "ETag": etag}.items():
        answer[name] = value
    return answer
