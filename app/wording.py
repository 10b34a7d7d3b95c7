"""Numbers, durations and sizes as people read them."""


def significant(value, digits=3):
    """A number of at least 0 with so many figures, or with all that stand before the point."""
    if value is None:
        return "–"
    if value < 1e-6:
        return "0"
    exponent = int(f"{value:.{digits - 1}e}".split("e")[1])
    if exponent >= digits - 1:
        return grouped(int(value + 0.5))
    return f"{value:.{digits - 1 - exponent}f}"


def sentence(text):
    """A reason as a sentence of its own."""
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


def grouped(number):
    """Digits in threes, parted by a thin space."""
    text = str(number)
    parts = []
    while len(text) > 3:
        parts.insert(0, text[-3:])
        text = text[:-3]
    parts.insert(0, text)
    return "\u202f".join(parts)


def milliseconds(value):
    return "–" if value is None else f"{significant(value)} ms"


def duration(seconds):
    """As a person says it when warned: "about 2 min 30 s"."""
    if seconds < 1.5:
        return "about a second"
    if seconds < 60:
        return f"about {int(seconds + 0.5)} s"
    minutes, rest = divmod(int(seconds + 0.5), 60)
    rest = rest // 10 * 10
    return f"about {minutes} min {rest} s" if rest and minutes < 10 else f"about {minutes} min"


def size(count):
    """A byte count in the largest unit that divides it well."""
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= factor:
            amount = count / factor
            return f"{int(amount)} {unit}" if amount == int(amount) else f"{amount:.1f} {unit}"
    return f"{count} B"


def scientific(value):
    """3.1e-7, short and alike in every row."""
    if value is None:
        return "not finite"
    if value == 0:
        return "0"
    text = f"{value:.1e}"
    mantissa, exponent = text.split("e")
    return f"{mantissa}e{int(exponent)}"


def shape(m, k, n):
    return f"{m} × {k} × {n}"


#: In the order in which they are shown (MicroPython's dicts have none), and as people write them.
BACKENDS = ("webgpu", "webnn", "cpu")
TITLES = {"webgpu": "WebGPU", "webnn": "WebNN", "cpu": "CPU"}
