"""The files of words (`static/words/<language>.js`) as a test reads them."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from hub.app import STATIC

WORDS: Final = STATIC / "words"
TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|//.*|(\w+)(?=:)|,(?=\s*[}\]])')
PLACE: Final = re.compile(r"\{(\w+)(?:\|[^|}]*\|[^|}]*)?\}")

_ENGLISH = """
the a an and or but not yes you your we our they their it its this that these those is are was were be been has have
had do does did will would can could may must should of to from with without at on in by for about after before again
all any more less most new old open opens close closed cancel cancelled call calls order orders please sorry loading
send sent sending save saved search find map help sign signed login logout submit update updated delete remove add
added edit change next previous back home page error failed failure retry try connect connected offline online
connection alert warning test drill medic medics shop seller buyer driver queue ticket tickets reminder today tomorrow
yesterday day days hour hours minute minutes second seconds ago now soon name phone number address note price quantity
settings password user email time date where when who what why how there here first last
"""
_INDONESIAN = """
yang dan atau tidak bukan belum sudah sedang akan bisa boleh harus anda kami kita mereka ini itu di ke dari untuk
dengan tanpa pada oleh juga lagi lalu masih baru semua ada panggilan petugas pesanan penjual pembeli toko mobil
keliling barang nomor antrean pengingat pengumuman kelas titik jadwal hari jam menit detik sekarang besok kemarin nama
alamat catatan harga jumlah kirim terkirim batal batalkan tutup buka masuk keluar ubah simpan hapus tambah darurat
telepon sambungan coba pilih tulis isi
"""

ENGLISH: Final = frozenset(_ENGLISH.split())
"""Common English words, none of them also an Indonesian one: what a forgotten sentence would hold."""
INDONESIAN: Final = frozenset(_INDONESIAN.split())


def tree(language: str) -> dict[str, dict[str, Any]]:
    """Section -> name -> text or list of texts. A name that stands twice in a section is an error."""
    text = (WORDS / f"{language}.js").read_text("utf-8")
    body = text[text.index("export default ") + len("export default ") :].rstrip().removesuffix(";")
    found: dict[str, dict[str, Any]] = json.loads(TOKEN.sub(_plain, body), object_pairs_hook=_once)
    return found


def texts(language: str) -> dict[str, str]:
    """`section.name` -> text; of a list `section.name.0`, `section.name.1`, ..."""
    found: dict[str, str] = {}
    for section, names in tree(language).items():
        for name, value in names.items():
            if name == "needs_review":
                continue
            if isinstance(value, str):
                found[f"{section}.{name}"] = value
            else:
                found.update({f"{section}.{name}.{n}": each for n, each in enumerate(value)})
    return found


def places(text: str) -> set[str]:
    """The names that a text takes: `{n} {n|medic|medics}` takes `n`."""
    return set(PLACE.findall(text))


def said(text: str) -> set[str]:
    """The plain words of a text, in lower case, without what is filled in."""
    return set(re.findall(r"[a-z]+", re.sub(r"\{\w+", " ", text.lower())))


def _plain(match: re.Match[str]) -> str:
    if match.group(1):
        return f'"{match.group(1)}"'
    return match.group() if match.group().startswith('"') else ""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"expected each name once, got {sorted({name for name in names if names.count(name) > 1})}")
    return found
