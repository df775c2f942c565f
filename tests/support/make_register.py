"""A register of shops that could be the city's: `python -m tests.support.make_register ROWS FILE [SEED]`.

The same seed makes the same rows: the 18 kelurahan and places inside them, the trades that Mojokerto is known
for (shoes, batik, onde-onde), about seven products a shop, and numbers that belong to nobody.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from channels import geo

ROOT = Path(__file__).resolve().parents[2]
SEED: Final = 7
COLUMNS: Final = (
    "nib", "nama", "kategori", "kelurahan", "pemilik", "telepon", "alamat", "lintang", "bujur", "jam_buka", "produk",
)  # fmt: skip

FOOD: Final = (
    "Nasi pecel=8-15 Soto ayam=10-18 Rawon daging=15-25 Nasi goreng=12-20 Mie ayam=10-16 Bakso urat=12-20 "
    "Gado-gado=10-15 Ayam geprek=12-20 Lele penyet=13-20 Tahu campur=12-18 Rujak cingur=12-20 Onde-onde=2-5 "
    "Pisang goreng=1-3 Martabak telur=18-40 Es teh=3-6 Es jeruk=4-8 Kopi tubruk=4-8 Es campur=8-15 Lontong balap=10-16 "
    "Sate ayam=15-30 Nasi rawon=15-22 Krengsengan kambing=20-35 Sambel tumpang=8-14 Wedang jahe=4-8 Keripik tempe=8-20"
)
GOODS: Final = (
    "Beras 5 kg=65-85 Minyak goreng 1 L=16-22 Gula pasir 1 kg=15-19 Telur 1 kg=25-32 Tepung terigu 1 kg=10-15 "
    "Sabun cuci=5-12 Sampo sachet=1-2 Buku tulis=3-6 Pulpen=2-5 Lampu LED 9 W=15-35 Kabel 3 m=20-45 Paku 1 kg=18-28 "
    "Cat tembok 1 kg=35-70 Pupuk organik=20-50 Gas 3 kg=20-24 Air galon=6-20 Obat batuk=8-25 Minyak kayu putih=12-30 "
    "Pampers isi 10=25-60 Rokok kretek=12-35 Sandal jepit=12-25 Ember plastik=15-40 Sapu ijuk=15-30 Payung lipat=35-80"
)
MADE: Final = (
    "Sepatu pantofel=150-350 Sandal kulit=60-180 Tas kulit=120-400 Batik tulis Mojokerto=250-900 Batik cap=90-250 "
    "Seragam sekolah=80-180 Jahit kemeja=70-150 Permak celana=15-40 Sablon kaus=45-95 Bordir nama=10-30 "
    "Lemari kayu jati=900-3500 Kursi rotan=200-700 Undangan nikah 100 lembar=150-600 Spanduk 3 m=50-120 "
    "Patung batu kecil=80-400 Miniatur kapal=150-800 Cor kuningan=120-900 Servis AC=60-150 Servis motor=45-200 "
    "Cuci kiloan=5-9 Potong rambut=12-30 Tumpeng besar=250-700 Hampers Lebaran=120-500"
)
TRADES: Final = (
    ("kuliner", "Warung Depot Kedai Dapur Warkop Angkringan", FOOD, 46),
    ("perdagangan", "Toko UD Kios Agen Grosir", GOODS, 34),
    ("kerajinan", "Konveksi Pengrajin Batik Sepatu Jasa Bengkel Mebel", MADE, 20),
)
OWNERS: Final = (
    "Sri Siti Endang Sulastri Rini Dewi Ningsih Wati Lestari Yuni Ani Tutik Bambang Slamet Agus Budi Joko Eko Hadi "
    "Suparman Sugeng Imam Yusuf Rahmat Wahyu Dwi Tri Puji Nur Hasan Mulyono Kasiati"
)
BLESSINGS: Final = (
    "Berkah Barokah Jaya Makmur Sumber_Rejeki Sari Rahayu Lancar Abadi Sejahtera Mulya Maju Mandiri Majapahit "
    "Trowulan Kencana Melati Mawar Cahaya Harapan Amanah Sentosa"
)
STREETS: Final = (
    "Majapahit Gajah_Mada Bhayangkara Benteng_Pancasila Residen_Pamuji Pahlawan Empunala Raya_Ijen Semeru Brawijaya "
    "Surodinawan Cinde Meri Suromulang Tropodo Kedundung_Indah"
)
HOURS: Final = (
    "08:00-21:00", "07:00-17:00", "Sen-Jum 08:00-16:00; Sab 08:00-12:00", "24 jam", "", "18:00-02:00", "05:30-10:00",
    "Setiap hari 09:00-20:00; Min tutup", "Sen-Sab 08:00-12:00, 13:00-17:00",
)  # fmt: skip
Goods = tuple[tuple[str, int, int], ...]


def register(rows: int, seed: int = SEED) -> Iterator[dict[str, str]]:
    """Rows as a register has them, by column; every NIB once."""
    chance = random.Random(seed)
    city = geo.City(json.loads((ROOT / "static" / "data" / "mojokerto-kelurahan.geojson").read_text("utf-8")))
    wards = list(city.kelurahan.values())
    sizes = [(w.box[2] - w.box[0]) * (w.box[3] - w.box[1]) for w in wards]
    goods = [_goods(trade[2]) for trade in TRADES]
    for number in range(rows):
        ward = chance.choices(wards, sizes)[0]
        place = chance.choices(range(len(TRADES)), [trade[3] for trade in TRADES])[0]
        lat, lon = _inside(ward, chance)
        street = chance.choice(STREETS.split()).replace("_", " ")
        owner = " ".join(chance.sample(OWNERS.split(), chance.choice((1, 2, 2))))
        category, kinds = TRADES[place][:2]
        yield {
            "nib": f"{chance.choice(('0220', '1220', '2305', '9120'))}{number * 7919 % 1_000_000_007:09d}",
            "nama": _name(kinds.split(), owner, chance),
            "kategori": category,
            "kelurahan": chance.choice((ward.name, ward.name.upper(), ward.name)),
            "pemilik": owner,
            "telepon": f"08{chance.randrange(10**9, 10**10)}" if chance.random() < 0.9 else "",
            "alamat": f"Jl. {street} {chance.randrange(1, 250)}, RT {number % 9 + 1}",
            "lintang": f"{lat:.6f}",
            "bujur": f"{lon:.6f}",
            "jam_buka": chance.choice(HOURS),
            "produk": "; ".join(f"{name}={price}" for name, price in _products(goods[place], chance)),
        }


def write_register(path: Path, rows: int, *, seed: int = SEED, separator: str = ",", encoding: str = "utf-8") -> None:
    """Write a register as a spreadsheet saves it."""
    with path.open("w", newline="", encoding=encoding) as file:
        table = csv.DictWriter(file, COLUMNS, delimiter=separator)
        table.writeheader()
        table.writerows(register(rows, seed))


def _goods(text: str) -> Goods:
    """`Nasi pecel=8-15`: a product's name and its prices in thousands, from and to."""
    made, name = [], list[str]()
    for word in text.split():
        last, equals, prices = word.partition("=")
        name.append(last)
        if equals:
            low, _, high = prices.partition("-")
            made.append((" ".join(name), int(low), int(high)))
            name = []
    return tuple(made)


def _products(goods: Goods, chance: random.Random) -> Iterator[tuple[str, int]]:
    """Three to eleven, about seven; prices end in 000 or 500."""
    for name, low, high in chance.sample(goods, chance.choices((3, 5, 7, 9, 11), (1, 2, 3, 2, 1.5))[0]):
        yield name, chance.randrange(low * 2, high * 2 + 1) * 500


def _name(kinds: Sequence[str], owner: str, chance: random.Random) -> str:
    first = owner.partition(" ")[0]
    blessings = chance.sample(BLESSINGS.split(), 2)
    tails = (
        f"{chance.choice(('Bu', 'Pak', 'Mbak', 'Cak'))} {first}",
        blessings[0],
        " ".join(blessings),
        f"{first} {blessings[0]}",
    )
    return f"{chance.choice(kinds)} {chance.choice(tails)}".replace("_", " ")


def _inside(ward: geo.Kelurahan, chance: random.Random) -> tuple[float, float]:
    west, south, east, north = ward.box
    for _ in range(50):
        lat, lon = chance.uniform(south, north), chance.uniform(west, east)
        if geo._inside(ward, lat, lon):
            return lat, lon
    return ward.lat, ward.lon


def main(arguments: Sequence[str]) -> int:
    rows, path = int(arguments[0]), Path(arguments[1])
    write_register(path, rows, seed=int(arguments[2]) if arguments[2:] else SEED)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
