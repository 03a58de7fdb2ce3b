"""Counting differences: the unexplained one is found behind any number of explained ones."""

from legacy_import.validation.differences import MAX_KEPT_DIFFERENCES, Difference, Explanation, Tally


def difference(explanation: Explanation, key: str) -> Difference:
    return Difference(explanation, "posts", key, "likes", "1", "2")


def test_many_edits_hide_no_unexplained_difference() -> None:
    tally = Tally()
    tally.add_differences(difference("edited here", str(number)) for number in range(MAX_KEPT_DIFFERENCES + 5))
    tally.add_differences([difference("unexplained", "the one"), difference("unexplained", "another")])

    assert not tally.all_explained
    assert [d.key for d in tally.kept_differences[:2]] == ["the one", "another"]
    assert len(tally.kept_differences) == MAX_KEPT_DIFFERENCES + 2
    assert tally.describe_differences("figures").startswith("posts the one, column likes: '1' here, '2' in the file")
    assert tally.describe_differences("figures").endswith(", and 1 more")


def test_explained_differences_are_counted_after_the_figures() -> None:
    tally = Tally()
    tally.add_differences(
        [difference("newer in legacy", "a"), difference("edited here", "b"), difference("edited here", "c")]
    )

    assert tally.all_explained
    assert tally.describe_differences("3 rows") == "3 rows; 2 edited here; 1 newer in legacy"


def test_the_first_thousand_of_a_kind_are_kept() -> None:
    tally = Tally()
    tally.add_differences(difference("unexplained", f"{number:04}") for number in range(1005))

    assert [one.key for one in tally.kept_differences][-1] == "0999"
    assert len(tally.kept_differences) == 1000
