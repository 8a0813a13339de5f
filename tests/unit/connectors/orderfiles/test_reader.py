"""Order files as they really come: formats, encodings, delimiters, broken rows, and nothing but known errors."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.connectors.orderfiles.reader import OrderFiles
from workstation.domain.money import Money
from workstation.domain.order import Order
from workstation.kernel.clock import iso
from workstation.kernel.errors import InputError
from workstation.orders.model import Answer, BadRow

AMAZON = (
    "amazon-order-id\tpurchase-date\tlatest-delivery-date\tpromise-date\torder-status\tsales-channel\tbuyer-email\t"
    "buyer-name\tsku\tproduct-name\tquantity-purchased\tcurrency\titem-price\tshipping-price\tship-country\n"
)
SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,Shipping,Taxes,Total,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Shipping Name,Shipping Country,"
    "Cancelled at,Refunded Amount\n"
)
GENERIC = "order_id,store,buyer_email,placed_at,currency,total,title,promised_at\n"


def row(
    number: str = "702-1234567-1234567",
    name: str = "Ana Souza",
    price: str = "129.90",
    sku: str = "S1",
    product: str = "Lamp",
    quantity: str = "1",
    channel: str = "Amazon.com.br",
) -> str:
    return (
        "\t".join(
            [
                number,
                "2026-11-01T10:00:00+00:00",
                "2026-11-20",
                "2026-11-03",
                "Shipped",
                channel,
                "x1@marketplace.amazon.com.br",
                name,
                sku,
                product,
                quantity,
                "BRL",
                price,
                "5.10",
                "BR",
            ]
        )
        + "\n"
    )


def read(path: Path, content: bytes) -> list[Answer | BadRow]:
    path.write_bytes(content)
    return list(OrderFiles().read(path, 7))


def orders(found: list[Answer | BadRow]) -> list[Order]:
    return [each.order for each in found if isinstance(each, Answer) and each.order is not None]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "orders.txt"


def test_amazons_report(file: Path) -> None:
    (found,) = read(file, (AMAZON + row() + row(sku="S2", price="10.00", quantity="2", product='7" screen')).encode())
    assert isinstance(found, Answer)
    assert found.order is not None
    order = found.order
    assert (order.ref.platform, order.ref.store, order.ref.order_id) == (
        "amazon",
        "Amazon.com.br",
        "702-1234567-1234567",
    )
    assert order.total == Money(12990 + 1000 + 2 * 510, "BRL")
    assert [(line.sku, line.title, line.quantity, line.price) for line in order.lines] == [
        ("S1", "Lamp", 1, Money(12990, "BRL")),
        ("S2", '7" screen', 2, Money(500, "BRL")),
    ]
    assert (iso(order.placed_at or 0), iso(order.promised_at or 0)) == (
        "2026-11-01T10:00:00.000Z",
        "2026-11-20T23:59:59.999Z",
    ), "the promise is the delivery date, not the date to ship"
    assert (order.status, order.country, order.refunds_known, order.shipping_known) == ("Shipped", "BR", False, True)
    assert found.raw.decode() == file.read_text()
    assert found.content_type == "text/tab-separated-values; charset=utf-8"


def test_shopifys_export_with_further_line_items(file: Path) -> None:
    first = (
        "#1042,ana@example.com,partially_refunded,2026-11-01 10:00:05 -0300,fulfilled,2026-11-03 09:00:00 -0300,"
        'BRL,120.00,9.90,0.00,129.90,2026-11-01 10:00:00 -0300,1,"Lamp, red",100.00,L-1,Ana Souza,BR,,29.90\n'
    )
    more = (
        '#1042,ana@example.com,,,,,,,,,,,2,=HYPERLINK("x"),10.00,L-2,,,,\n'.replace('"', '""')
        .replace("=HYPERLINK(", '"=HYPERLINK(')
        .replace("),10", ')",10')
    )
    (order,) = orders(read(file, (SHOPIFY + first + more).encode("utf-8-sig")))
    assert [line.title for line in order.lines] == ["Lamp, red", '=HYPERLINK("x")']
    assert (order.total, order.refunds[0].amount, order.refunds_known) == (
        Money(12990, "BRL"),
        Money(2990, "BRL"),
        True,
    )
    assert iso(order.shipped_at or 0) == "2026-11-03T12:00:00.000Z"
    assert (order.status, order.country, order.buyer_name) == ("fulfilled", "BR", "Ana Souza")


def test_the_generic_file(file: Path) -> None:
    (order,) = orders(read(file, (GENERIC + "A-1,casa,a@b.example,2026-11-01,JPY,1980,Lamp,2026-11-09\n").encode()))
    assert (str(order.ref), order.ref.platform, order.total) == ("casa/A-1", "generic", Money(1980, "JPY"))
    assert iso(order.promised_at or 0) == "2026-11-09T23:59:59.999Z"
    assert not order.shipping_known


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_say_what_they_are(file: Path, codec: str) -> None:
    (order,) = orders(read(file, (AMAZON + row(name="José 田中")).encode(codec)))
    assert order.buyer_name == "José 田中"


@pytest.mark.parametrize(
    ("codec", "channel", "name"),
    [
        ("cp932", "Amazon.co.jp", "田中 太郎"),
        ("cp1252", "Amazon.de", "Jörg Groß"),
    ],
)
def test_amazons_old_encodings_by_market(file: Path, codec: str, channel: str, name: str) -> None:
    (order,) = orders(read(file, (AMAZON + row(name=name, channel=channel)).encode(codec)))
    assert order.buyer_name == name


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        ((GENERIC + "A-1,José,a@b.example,2026-11-01,EUR,1.00,x,\n").encode("latin-1"), "is not text in UTF-8"),
        ((GENERIC + "A-1,x,a@b.example,2026-11-01,EUR,1.00,x,\n").encode("utf-16-le"), "is not text in UTF-8"),
        (SHOPIFY.replace(",", ";").encode(), "separated by ; where , is expected"),
        (AMAZON.replace("\t", ",").encode(), "separated by , where TAB is expected"),
        (b"date,amount\n1,2\n", "is not an order file we know"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is not text"),
        (b'Name,"Email\n#1,a\n', "is not an order file we know"),
        (b"order_id,title\nA-1," + b"x" * 1_100_000 + b"\n", "longer than a megabyte"),
    ],
)
def test_files_that_cannot_be_used_say_so(file: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        read(file, content)
    assert sentence in caught.value.sentence
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ("A-1,,a@b.example,01/11/2026,EUR,1.00,x,", "placed_at is not a date with its zone"),
        ("A-1,,a@b.example,2026-11-01 10:00,EUR,1.00,x,", "placed_at is not a date with its zone"),
        ("A-1,,a@b.example,2026-13-01,EUR,1.00,x,", "placed_at is not a date with its zone"),
        ("A-1,,a@b.example,1026-11-01,EUR,1.00,x,", "placed_at is not a date with its zone"),
        ('A-1,,a@b.example,2026-11-01,EUR,"1.234,56",x,', "total is not an amount with a decimal point: 1.234,56"),
        ('A-1,,a@b.example,2026-11-01,EUR,"1,234.56",x,', "total is not an amount with a decimal point: 1,234.56"),
        ("A-1,,a@b.example,2026-11-01,EUR,1.234,x,", "total is not an amount in EUR: 1.234"),
        ("A-1,,a@b.example,2026-11-01,,1.00,x,", "total is not an amount in ?"),
        ("A 1,,a@b.example,2026-11-01,EUR,1.00,x,", "order_id is not an order number"),
        (",,a@b.example,2026-11-01,EUR,1.00,x,", "order_id is not an order number"),
        ("A-1,,a@b.example,2026-11-01,EUR,1.00," + "x" * 5_000 + ",", "title is longer than 4000 characters"),
        ("A-1,,a@b.example", "3 columns where the header has 8"),
    ],
)
def test_a_bad_row_says_why_and_the_rest_goes_on(file: Path, cells: str, why: str) -> None:
    good = "A-{n},,a@b.example,2026-11-01,EUR,1.00,x,\n"
    found = read(file, (GENERIC + good.format(n=8) + cells + "\n" + good.format(n=9)).encode())
    assert [order.ref.order_id for order in orders(found)] == ["A-8", "A-9"]
    (bad,) = [each for each in found if isinstance(each, BadRow)]
    assert bad.where == "line 3"
    assert bad.why.startswith(why)


def test_rows_of_an_order_that_lie_apart_come_together(file: Path) -> None:
    text = AMAZON + row() + row("702-2222222-2222222") + row(sku="S2")
    found = orders(read(file, text.encode()))
    assert [(order.ref.order_id[:5], [line.sku for line in order.lines]) for order in found] == [
        ("702-2", ["S1"]),
        ("702-1", ["S1", "S2"]),
    ]


def test_half_an_order_is_never_imported(file: Path) -> None:
    broken = "702-1234567-1234567\tS2\n"
    assert (
        orders(read(file, (AMAZON + row() + broken + row("702-2222222-2222222")).encode()))[0].ref.order_id[:5]
        == "702-2"
    )
    wrong = read(file, (AMAZON + row() + row(sku="S2", price="9,90")).encode())
    assert [(each.where, type(each)) for each in wrong if isinstance(each, BadRow)] == [("line 3", BadRow)]
    assert orders(wrong) == []


def test_an_unclosed_quote_costs_its_rows_not_the_file(file: Path) -> None:
    rows = "".join(f"A-{n},,a@b.example,2026-11-01,EUR,1.00,x,\n" for n in range(3_000))
    text = GENERIC + "B-1,,a@b.example,2026-11-01,EUR,1.00,x,\n" + 'B-2,,a@b.example,2026-11-01,EUR,1.00,"x,\n' + rows
    found = read(file, text.encode())
    assert orders(found)[0].ref.order_id == "B-1"
    assert any(isinstance(each, BadRow) for each in found)


TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")


@given(st.lists(st.lists(st.text(TEXT, max_size=12), max_size=9), max_size=8))
@settings(max_examples=60)
def test_any_rows_give_orders_or_reasons(rows: list[list[str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        text = GENERIC + "\n".join(",".join(cells) for cells in rows)
        for each in read(Path(folder) / "o.csv", text.encode()):
            assert isinstance(each, BadRow) or each.order is not None


@given(st.binary(max_size=400))
@settings(max_examples=60)
def test_any_bytes_give_orders_or_a_known_error(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for start in (b"", GENERIC.encode(), AMAZON.encode(), SHOPIFY.encode()):
            with contextlib.suppress(InputError):
                found = read(Path(folder) / "o.csv", start + content)
                assert all(isinstance(each, Answer | BadRow) for each in found)
