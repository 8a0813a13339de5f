"""Nothing in a stranger's HTML can be fetched or run after cleaning."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.connectors.email.html import clean, to_text

REMOTE = "http://tracker.example/pixel.gif"
HOSTILE = [
    f'<img src="{REMOTE}">',
    f"<IMG SRC={REMOTE}>",
    f'<img srcset="{REMOTE} 2x">',
    '<img src="//tracker.example/x">',
    f'<table background="{REMOTE}"><tr><td background="{REMOTE}">x</table>',
    f'<body background="{REMOTE}">x',
    f'<div style="background:url({REMOTE})">x</div>',
    f"<style>@import '{REMOTE}'; p {{background:url({REMOTE})}}</style>",
    f'<link rel="stylesheet" href="{REMOTE}">',
    f'<script src="{REMOTE}">alert(1)</script>',
    f'<iframe src="{REMOTE}"></iframe>',
    f'<object data="{REMOTE}"></object><embed src="{REMOTE}">',
    f'<video poster="{REMOTE}"><source src="{REMOTE}"></video>',
    f'<svg><image href="{REMOTE}"/><script>alert(1)</script></svg>',
    f'<form action="{REMOTE}"><input type=image src="{REMOTE}"></form>',
    f'<meta http-equiv="refresh" content="0;url={REMOTE}">',
    f'<base href="{REMOTE}">',
    f'<input type="image" src="{REMOTE}">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>1</script>">x</a>',
    '<p onclick="alert(1)">x</p>',
    '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
    f"<math><mtext><img src={REMOTE}></mtext></math>",
    f'<a href="https://shop.example" ping="{REMOTE}">x</a>',
    f"<!--[if mso]><img src={REMOTE}><![endif]-->",
]
FETCHING = re.compile(
    r"(?:src|background|style|srcset|poster|action|data|ping|on\w+)\s*=\s*[\"']?(?!cid:|data:image/(?:png|jpeg))",
    re.IGNORECASE,
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_can_be_fetched_or_run(hostile: str) -> None:
    cleaned, _cut = clean(f"<p>before</p>{hostile}<p>after</p>")
    assert "tracker.example" not in cleaned
    assert "script" not in cleaned
    assert "alert" not in cleaned
    assert not FETCHING.search(cleaned)
    assert "before" in cleaned
    assert "after" in cleaned


def test_links_pictures_of_the_mail_itself_and_tables_stay() -> None:
    cleaned, cut = clean(
        '<a href="https://shop.example/?a=1&amp;b=2">order</a><img src="cid:pic@x" alt="photo">'
        '<img src="data:image/png;base64,AAAA"><table><tr><td colspan="2" dir="rtl">x</td></tr></table>'
    )
    assert '<a href="https://shop.example/?a=1&amp;b=2" rel="noopener noreferrer nofollow">order</a>' in cleaned
    assert '<img src="cid:pic@x" alt="photo">' in cleaned
    assert '<img src="data:image/png;base64,AAAA">' in cleaned
    assert '<td colspan="2" dir="rtl">x</td>' in cleaned
    assert not cut


def test_text_keeps_lines_lists_quotes_and_preformatted_space() -> None:
    cleaned, _cut = clean(
        "<h1>Title</h1><p>One<br>two &amp; three</p><ul><li>a<li>b</ul><pre>x  y\n  z</pre>"
        "<blockquote>q<blockquote>r</blockquote></blockquote><table><tr><td>1<td>2</tr></table>"
    )
    assert to_text(cleaned) == "Title\n\nOne\ntwo & three\n\n- a\n- b\nx  y\nz\n> q\n> > r\n1 2"


@settings(max_examples=80)
@given(
    st.lists(
        st.sampled_from([*HOSTILE, "<b>", "</b>", "<p>", "&lt;script&gt;", "text", "<", ">", '"', "<table>", "</div>"]),
        max_size=12,
    ).map("".join)
)
def test_no_mixture_lets_anything_through(html: str) -> None:
    cleaned, _cut = clean(html)
    assert f'="{REMOTE}' not in cleaned
    assert "<script" not in cleaned.lower()
    assert not re.search(r"<[^>]*\son\w+\s*=", cleaned)
    assert clean(cleaned)[0] == cleaned
    to_text(cleaned)
