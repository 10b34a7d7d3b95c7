"""The benchmark's form: which shape, which backends."""

from dom import by_id, on, say, show
from wording import BACKENDS

SIZES = (128, 256, 512, 1024, 2048, 4096)
LARGEST = 16384
#: Dimension fields in the order in which people write a product.
DIMENSIONS = ("m", "k", "n")


class Controls:
    """`on_change` is called (without arguments) when the shape changes."""

    def __init__(self):
        self.on_change = lambda: None

    def start(self):
        for size in SIZES:
            on(by_id(f"size-{size}"), "change", self._size_chosen)
        on(by_id("size-slider"), "input", lambda _: self._show_size())
        on(by_id("size-slider"), "change", lambda _: self.on_change())
        on(by_id("non-square"), "change", lambda _: self._square_or_not())
        for name in DIMENSIONS:
            on(by_id(f"dim-{name}"), "change", lambda _: self.on_change())
        # A reload may bring back what was chosen before.
        self._show_size()
        self._square_or_not()

    def _size_chosen(self, event):
        by_id("size-slider").value = event.target.value
        self._show_size()
        self.on_change()

    def _show_size(self):
        size = self.size()
        say("size-value", f"{size} × {size}")
        for known in SIZES:
            by_id(f"size-{known}").checked = known == size

    def _square_or_not(self):
        square = self.square()
        show(by_id("dimensions"), not square)
        by_id("size-slider").disabled = not square
        by_id("sizes").classList.toggle("off", not square)
        for size in SIZES:
            by_id(f"size-{size}").disabled = not square
        by_id("size-value").hidden = not square
        self.on_change()

    def square(self):
        return not by_id("non-square").checked

    def size(self):
        return int(by_id("size-slider").value)

    def shape(self):
        """(m, n, k), each within what the fields allow."""
        if self.square():
            return (self.size(),) * 3
        m, k, n = (dimension(by_id(f"dim-{name}")) for name in DIMENSIONS)
        return m, n, k

    def shapes_up_to(self):
        """Every size button up to the chosen size, and that size."""
        size = self.size()
        sizes = [known for known in SIZES if known < size]
        sizes.append(size)
        return [(known,) * 3 for known in sizes]

    def backends(self):
        return [name for name in BACKENDS if self._chosen(by_id(f"backend-{name}"))]

    def _chosen(self, box):
        return box.checked and not box.disabled

    def allow(self, backend, available, reason):
        """Offer a backend, or say why it is not offered."""
        box = by_id(f"backend-{backend}")
        box.disabled = not available
        box.parentElement.title = "" if available else reason or "not available here"


def dimension(field):
    """The field's number; one that cannot be is put right where it can be seen."""
    try:
        value = int(float(field.value))
    except ValueError:
        value = 1
    value = max(1, min(LARGEST, value))
    if field.value != str(value):  # setting it anyway would undo the selection that Tab has made
        field.value = str(value)
    return value


controls = Controls()
