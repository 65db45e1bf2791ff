"""Whatever is sent as a photo: it comes out as pixels of ours, or it does not come in; and the cloud lives."""

from __future__ import annotations

import socket
import struct
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from cloud.adapters.photos import MAX_UNPACKED, MOST_WAITING, PhotoShelf
from cloud.application.tasks.attach_photo import MOST_PHOTOS
from cloud.application.tasks.follow_reports import MOST_PHOTOS as MOST_OF_REPORTER
from cloud.entrypoints.once import IN_MEMORY, Once
from cloud.errors import Invalid, Unavailable
from tests.integration.cloud_web.house import House

PLACE = b"31.2304N 121.4737E"
SCRIPT = b"<script>alert(document.domain)</script>"


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), **extra: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, form, **extra)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    from zlib import crc32

    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))


def told_where(form: str, said: bytes = PLACE) -> bytes:
    """With everything by which a camera may say where and by whom: EXIF with GPS, XMP, a colour profile, comments, and IPTC."""
    exif = Image.Exif()
    exif[0x010E] = said.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[29] = said.decode()
    extra: dict[str, Any] = {"exif": exif, "xmp": b"<x:xmpmeta>" + said + b"</x:xmpmeta>", "icc_profile": said * 9}
    if form == "JPEG":
        iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(said)) + said
        whole = picture(form, comment=said, **extra)
        return whole[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + whole[2:]
    if form == "PNG":
        plain = picture(form, **{name: value for name, value in extra.items() if name != "xmp"})
        return (
            plain[:33]
            + chunk(b"tEXt", b"Comment\x00" + said)
            + chunk(b"iTXt", b"XML\x00\x00\x00\x00\x00" + said)
            + plain[33:]
        )
    return picture(form, **extra)


def animated(form: str) -> bytes:
    out = BytesIO()
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue", "green")]
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=20)
    return out.getvalue()


@pytest.fixture
def task(house: House) -> str:
    return house.goes_wrong("access.forced-open", "b5/north-gate")


@pytest.fixture
def shown(house: House, program: httpx.Client, task: str) -> Callable[..., list[httpx.Response]]:
    """Every photo of the incident, as it is served."""

    def fetch(of: str = task) -> list[httpx.Response]:
        incident = house.services.queries.task(of, None).incident_id
        listed = program.get(f"/api/v1/incidents/{incident}").json()["photos"]
        return [program.get(f"/api/v1/photos/{one['id']}") for one in listed]

    return fetch


HOSTILE = {
    "html in a jpeg's comment": picture(comment=SCRIPT),
    "html behind a jpeg": picture() + SCRIPT,
    "zip behind a png": picture("PNG") + b"PK\x03\x04" + SCRIPT,
    "html in a png's text": told_where("PNG", SCRIPT),
    "where a png was taken": told_where("PNG"),
    "where a jpeg was taken": told_where("JPEG"),
    "where a webp was taken": told_where("WEBP"),
    "an animated webp": animated("WEBP"),
    "an animated png": animated("PNG"),
}


NAMES = "a.svg", 'a"; filename="b.html', "../../../etc/cron.d/x", "a\x00.php", "photo\u202egpj.exe"


@pytest.mark.parametrize("path", ["/api/v1/tasks/{}/photos", "/tasks/{}/photos"])
def test_what_comes_out_is_one_picture_and_nothing_beside_its_pixels(house, program, manager, shown, path):
    client = program if path.startswith("/api") else manager
    for number, (case, raw) in enumerate(HOSTILE.items()):
        task = house.goes_wrong("access.forced-open", f"b7/door-{number}")
        name = NAMES[number % len(NAMES)]
        sent = client.post(path.format(task), files={"photo": (name, raw, "text/html")})
        assert sent.status_code in {201, 303}, (case, sent.text)
        (got,) = shown(task)
        assert got.headers["content-type"] == "image/jpeg"
        assert got.headers["content-disposition"] == 'inline; filename="photo.jpg"'
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["cache-control"] == "private, no-store"
        assert "sandbox" in got.headers["content-security-policy"]
        for secret in (PLACE, SCRIPT[:18], b"Exif", b"http://ns.adobe.com", b"ICC_PROFILE", b"8BIM", b"PK\x03\x04"):
            assert secret not in got.content, case
        with Image.open(BytesIO(got.content)) as image:
            assert (image.format, getattr(image, "n_frames", 1), image.size) == ("JPEG", 1, (64, 48)), case
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}, case


REFUSED = {
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": b"<!DOCTYPE html>" + SCRIPT,
    "cut off": picture(size=(640, 480))[:-400],
    "png cut off": picture("PNG", (640, 480))[:-40],
    "bitmap": picture("BMP"),
    "tiff": picture("TIFF"),
    "pdf": b"%PDF-1.7\n" + picture(),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
}


def test_what_is_no_whole_picture_is_refused_whatever_it_is_called(program, task, shown):
    for case, raw in REFUSED.items():
        for kind in ("image/jpeg", "image/svg+xml"):
            refused = program.post(f"/api/v1/tasks/{task}/photos", files={"photo": ("a.jpg", raw, kind)})
            assert refused.status_code == 422, (case, refused.text)
    assert shown() == []


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_a_small_file_that_unpacks_to_much_memory_is_refused_before_it_is(tmp_path, form):
    side = int(MAX_UNPACKED**0.5) + 1
    raw = picture(form, (side, side), **({"lossless": True} if form == "WEBP" else {}))
    assert len(raw) < 100_000
    with pytest.raises(Invalid, match="pixels"):
        PhotoShelf(tmp_path).launder(raw)


def test_pictures_are_worked_on_one_at_a_time_and_few_wait(tmp_path, monkeypatch):
    """Each takes hundreds of MiB, and each that waits a thread that pages and alarms need."""
    working, most, shelf = [], 0, PhotoShelf(tmp_path)
    done = threading.Event()

    def works(raw: bytes) -> Image.Image:
        nonlocal most
        working.append(raw)
        most = max(most, len(working))
        done.wait(10)
        working.pop()
        return Image.new("RGB", (1, 1))

    monkeypatch.setattr("cloud.adapters.photos._redrawn", works)
    with ThreadPoolExecutor(MOST_WAITING) as threads:
        fill = [threads.submit(shelf.launder, b"x") for _ in range(MOST_WAITING)]
        while not working:
            pass
        for _ in range(1000):
            try:
                shelf.launder(b"one too many")
            except Unavailable:
                break
        done.set()
        assert all(one.result().width == 1 for one in fill)
    assert most == 1


def test_who_may_add_no_more_has_nothing_worked_on_nor_kept(house, visitor, program, task, monkeypatch):
    given = visitor.post(
        "/api/v1/public/reports", json={"estate": "example", "code": "b5/north-gate", "concern": "door-open"}
    ).json()
    link = f"/api/v1/public/reports/{given['token']}/photos"
    for n in range(MOST_OF_REPORTER):
        assert visitor.post(link, files={"photo": picture(size=(8, 8 + n))}).status_code == 201
    for n in range(MOST_PHOTOS - MOST_OF_REPORTER):
        sent = program.post(f"/api/v1/tasks/{task}/photos", files={"photo": picture(size=(16, 8 + n))})
        assert sent.status_code in {201, 409}
    worked = []
    monkeypatch.setattr(PhotoShelf, "launder", lambda _self, raw: worked.append(raw))
    assert visitor.post(link, files={"photo": picture()}).status_code == 409
    unknown = link.replace(given["token"], "k" * 43)
    assert visitor.post(unknown, files={"photo": picture()}).status_code == 404
    foreign = httpx.Client(
        base_url=program.base_url,
        headers={"authorization": f"Bearer {house.api_token_of('stranger')}"},
        trust_env=False,
    )
    with foreign:
        assert foreign.post(f"/api/v1/tasks/{task}/photos", files={"photo": picture()}).status_code == 404
    assert worked == []


def test_a_picture_is_for_who_reads_the_notes_and_its_id_opens_nothing(house, program, visitor, task, shown):
    program.post(f"/api/v1/tasks/{task}/photos", files={"photo": picture()})
    (got,) = shown()
    path = got.url.path
    assert visitor.get(path).status_code == 401
    for member in ("technician", "controller", "tenant", "stranger"):
        headers = {"authorization": f"Bearer {house.api_token_of(member)}"}
        assert visitor.get(path, headers=headers).status_code in {403, 404}, member
    for guess in ("../" * 5 + "etc/passwd", "..%2F..%2Ftocsin.db", "0" * 64, "%00", "x" * 65):
        assert program.get(f"/api/v1/photos/{guess}").status_code in {404, 422}


def raw_answer(address: str, sent: bytes) -> bytes:
    """What comes back on a connection of our own, until it is closed."""
    there = urlsplit(address)
    with socket.create_connection((there.hostname, there.port), 10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        got = b""
        while piece := connection.recv(65536):
            got += piece
    return got


def posting(path: str, token: str, body: bytes, *headers: str) -> bytes:
    head = [f"POST {path} HTTP/1.1", "Host: tocsin", f"Authorization: Bearer {token}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def form(*parts: bytes, boundary: bytes = b"xx") -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"


PHOTO_PART = (
    b'Content-Disposition: form-data; name="photo"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' + picture()
)
MULTIPART = "Content-Type: multipart/form-data; boundary=xx"


WHOLE = form(PHOTO_PART)
BODIES = {
    "shorter than it says": (WHOLE, ["Content-Length: 99999"]),
    "longer": (WHOLE, ["Content-Length: 10"]),
    "negative": (WHOLE, ["Content-Length: -1"]),
    "two lengths": (WHOLE, ["Content-Length: 10", "Content-Length: 20"]),
    "length and chunked": (WHOLE, ["Content-Length: 10", "Transfer-Encoding: chunked"]),
    "an endless chunk": (b"ffffffffffffffffff\r\n" + WHOLE, ["Transfer-Encoding: chunked"]),
    "no end": (WHOLE[:-9], []),
    "a hundred photos": (form(*[PHOTO_PART] * 100), []),
    "a thousand fields": (form(*[b'Content-Disposition: form-data; name="x%d"\r\n\r\ny' % n for n in range(1001)]), []),
    "a header without end": (
        form(b'Content-Disposition: form-data; name="photo"; filename="a"\r\nX: ' + b"y" * 99_999 + b"\r\n\r\nz"),
        [],
    ),
    "another boundary": (form(PHOTO_PART, boundary=b"yy"), []),
    "nothing": (b"", []),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_body_that_is_not_as_it_says_is_refused_and_the_next_is_taken(house, program, address, task):
    """What a form without an end leaves open the framework closes when it is collected, and says so."""
    token, path = house.api_token_of("manager"), f"/api/v1/tasks/{task}/photos"
    for case, (body, headers) in BODIES.items():
        lengths = headers or [f"Content-Length: {len(body)}"]
        got = raw_answer(address, posting(path, token, body, MULTIPART, *lengths))
        status = int(got[9:12]) if got else 0
        assert status in {0, 201, 400, 409, 413, 422}, (case, got[:300])
        assert status != 201 or case == "a hundred photos", "of several one is taken"
    assert program.post(path, files={"photo": picture(size=(9, 9))}).status_code == 201


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_photo_that_comes_with_a_key_is_not_held_in_memory(house):
    """Nobody has been asked who they are yet, and a hundred may come at once."""
    pieces, got = 160, 0

    async def send_it() -> dict[str, Any]:
        nonlocal pieces
        pieces -= 1
        return {"type": "http.request", "body": bytes(IN_MEMORY), "more_body": pieces > 0}

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        nonlocal got
        more = True
        while more:
            message = await receive()
            got += len(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    answered = []

    async def hear(message: Any) -> None:
        answered.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/tasks/x/photos", "query_string": b"",
        "headers": [(b"idempotency-key", b"k" * 20)],
    }  # fmt: skip
    tracemalloc.start()
    await Once(app, once=house.services.once)(scope, send_it, hear)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answered[0]["status"] == 204
    assert got == 160 * IN_MEMORY
    assert most < 2 * 2**20
