"""Names on a map: none covers another, or somebody else's circle."""

from itertools import combinations

from hypothesis import example, given
from hypothesis import strategies as st

from sharematch.report.placing import (
    LARGE,
    SMALL,
    Circle,
    Label,
    place_labels,
    shortened,
)

SHEET = 800.0, 600.0

circles = st.lists(
    st.builds(
        Circle,
        st.integers(0, 800).map(float),
        st.integers(0, 600).map(float),
        st.integers(3, 26).map(float),
        st.sampled_from(["c1", "天封社区", "The long name of a community", "x", " "]),
    ),
    max_size=40,
)


def box(label: Label, size: float) -> tuple[float, float, float, float]:
    """Return the box of a label as a browser would draw it, from what the page says."""
    width = sum(1.0 if c > "⺀" else 0.68 for c in label.name) * size
    left = label.x - {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
    base = label.y + float(label.rise.removesuffix("em")) * size
    return left, base - 0.8 * size, left + width, base + 0.2 * size


def meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return (
        one[0] < other[2] - 0.2
        and other[0] < one[2] - 0.2
        and one[1] < other[3] - 0.2
        and other[1] < one[3] - 0.2
    )


# Only above the second, and only in small type, there is room for a name.
CORNER = [Circle(0.0, 588.0, 3.0, "c1"), Circle(16.0, 592.0, 3.0, "c1")]


@given(circles)
@example(CORNER)
def test_no_name_covers_another(found: list[Circle]):
    labels = place_labels(found, *SHEET, most=30)
    assert len(labels) <= 30
    for size in (SMALL, LARGE):
        shown = [label for label in labels if size == SMALL or not label.is_small]
        boxes = [box(label, size) for label in shown]
        assert not [pair for pair in combinations(boxes, 2) if meet(*pair)]
        for left, top, right, bottom in boxes:
            assert left >= -0.2
            assert top >= -0.2
            assert right <= SHEET[0] + 0.2
            assert bottom <= SHEET[1] + 0.2


@given(circles)
@example(CORNER)
def test_no_name_covers_the_circle_of_another(found: list[Circle]):
    named = [
        Circle(c.x, c.y, c.radius, f"{i}{c.name}"[:12]) for i, c in enumerate(found)
    ]
    labels = place_labels(named, *SHEET, most=40)
    sizes = [(label, SMALL) for label in labels]
    sizes += [(label, LARGE) for label in labels if not label.is_small]
    for label, size in sizes:
        left, top, right, bottom = box(label, size)
        for circle in named:
            x = max(left - circle.x, 0, circle.x - right)
            y = max(top - circle.y, 0, circle.y - bottom)
            is_own = label.name == shortened(circle.name)
            assert is_own or x * x + y * y >= (circle.radius - 0.3) ** 2


def test_a_name_is_small_where_there_is_no_room_for_it_in_large_type():
    named = [Circle(c.x, c.y, c.radius, "1c1") for c in CORNER]
    [label] = place_labels(named, *SHEET, most=9)
    assert label.is_small
    lone = Circle(400.0, 300.0, 10.0, "alone")
    assert not place_labels([lone], *SHEET, most=1)[0].is_small


def test_who_stands_first_has_its_name():
    crowd = [Circle(400.0, 300.0, 10.0, f"place {i}") for i in range(9)]
    lone = Circle(100.0, 100.0, 10.0, "alone")
    labels = place_labels([*crowd, lone], *SHEET, most=40)
    assert "alone" in {label.name for label in labels}
    assert place_labels([lone, *crowd], *SHEET, most=1)[0].name == "alone"
