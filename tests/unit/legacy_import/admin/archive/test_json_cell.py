"""JSON in legacy cells, taken apart for reading."""

import pytest

from legacy_import.admin.archive.json_cell import json_as_html


def test_an_object_is_a_line_for_each_name() -> None:
    html = json_as_html('{"twitter": 120, "via": "mail", "on": true, "more": {"a": [1, null]}}')

    assert html == (
        "<div><b>twitter</b>: 120</div><div><b>via</b>: mail</div><div><b>on</b>: true</div>"
        "<div><b>more</b>: {&quot;a&quot;: [1, null]}</div>"
    )


def test_a_list_of_objects_is_a_table_with_every_name_in_it() -> None:
    html = json_as_html('[{"platform": "linkedin", "value": 0.5}, {"platform": "mail", "odd": null}]')

    assert html is not None
    assert '<th scope="col">platform</th><th scope="col">value</th><th scope="col">odd</th>' in html
    assert '<th scope="row">1</th><td>linkedin</td><td>0.5</td><td></td>' in html
    assert '<th scope="row">2</th><td>mail</td><td></td><td>null</td>' in html


def test_many_entries_wait_behind_a_click() -> None:
    few, many = json_as_html("[1, 2, 3, 4, 5]"), json_as_html("[1, 2, 3, 4, 5, 6]")

    assert few is not None
    assert few.startswith("<div>1</div>")
    assert many is not None
    assert many.startswith("<details><summary>6 entries</summary><div>1</div>")


def test_names_and_values_are_escaped_and_nothing_hides() -> None:
    html = json_as_html('{"<b>": "<script>\u202e", "e": "\\u0000\\u001b"}')

    assert html == "<div><b>&lt;b&gt;</b>: &lt;script&gt;⟨U+202E⟩</div><div><b>e</b>: ␀␛</div>"


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "12",
        '"text"',
        "null",
        "[]",
        "{}",
        "[1, 2",
        "{'a': 1}",
        '{"a": 1, "a": 2}',
        "[NaN]",
        "[-Infinity]",
        "[1e999]",
        "[1.50]",
        "[-0]",
        '["\\ud800"]',
        "[" * 100_000,
        "[" * 9_000 + "]" * 9_000,
        f"[{'9' * 5_000}]",
        f'["{"x" * 20_000}"]',
    ],
)
def test_what_would_not_be_shown_as_it_is_stays_a_text(text: str) -> None:
    assert json_as_html(text) is None
