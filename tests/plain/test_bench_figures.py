"""The benchmark's workloads, statistics and tables, with nothing measured."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

from tests.bench import comparison
from tests.bench.comparison import Entry
from tests.bench.comparison_table import as_table, best_peer, ratios, summary
from tests.bench.contenders import (
    CEILING,
    CONTENDERS,
    COPY,
    IN_BROWSER,
    PEERS,
    WEBTENSOR,
    Contender,
    adapter_name,
)
from tests.bench.rows import geometric_mean, median, percentile
from tests.bench.workloads import CHAINS, COMPARED, MATMULS, Workload, matmul, relative_error
from tools.npm import read_lock
from tools.paths import LOCKS
from tools.site import NPM_FILES

PAGES = Path(comparison.__file__).with_name("pages")
WORK, OTHER = COMPARED[0], COMPARED[1]
ADD = next(work for work in COMPARED if work.operation == "add")
PEER, SLOW_PEER = PEERS[0], PEERS[1]


@pytest.mark.parametrize(
    "work", [work for work in COMPARED if max(map(math.prod, work.shapes)) <= 2**20],
    ids=lambda work: work.name,
)  # fmt: skip
def test_references_are_of_the_shape_and_can_be_missed(work: Workload) -> None:
    expected = work.expected()
    assert expected.shape == work.output
    assert expected.dtype == np.float64
    rounded = expected.astype(np.float32)
    assert relative_error(rounded, expected) < 1e-7
    spoilt = rounded.ravel().copy()
    spoilt[-1] += 2 * work.tolerance * np.abs(expected).max()
    assert relative_error(spoilt, expected) > work.tolerance
    spoilt[-1] = np.nan
    assert math.isnan(relative_error(spoilt, expected))
    assert math.isnan(relative_error(spoilt[1:], expected))


def test_operands_are_the_same_each_time_and_differ_between_workloads() -> None:
    first, again, other = WORK.operands(), WORK.operands(), OTHER.operands()
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(first[0].ravel()[:8], other[0].ravel()[:8])
    assert all(one.dtype == np.float32 for one in first)


def test_convolution_and_attention_against_loops() -> None:
    generator = np.random.default_rng(5)
    by_operation = {work.operation: work for work in COMPARED}
    x, weight = generator.standard_normal((1, 2, 5, 4)), generator.standard_normal((3, 2, 3, 3))
    result = by_operation["conv2d"].reference(x, weight)
    padded = np.zeros((2, 7, 6))
    padded[:, 1:-1, 1:-1] = x[0]
    for channel, row, column in np.ndindex(3, 5, 4):
        window = padded[:, row : row + 3, column : column + 3]
        assert result[0, channel, row, column] == pytest.approx((window * weight[channel]).sum())
    query, key, value = generator.standard_normal((3, 1, 4, 2))
    result = by_operation["attention"].reference(query, key, value)
    for row in range(4):
        weights = np.exp([query[0, row] @ key[0, other] / math.sqrt(2) for other in range(4)])
        assert result[0, row] == pytest.approx(weights @ value[0] / weights.sum())


def test_rates() -> None:
    assert matmul(100, 100, 100).rate(2.0) == "1.00 GFLOP/s"
    copied = ADD.copied()
    assert copied.moved == 2 * 4 * 2**20
    assert copied.rate(copied.moved / 1e6) == "1.00 GB/s"
    np.testing.assert_array_equal(copied.expected(), ADD.operands()[0])


def test_statistics() -> None:
    assert median([3.0, 1.0, 2.0]) == 2.0
    assert percentile([float(value) for value in range(1, 101)], 0.95) == 95.0
    assert geometric_mean([2.0, 0.5]) == pytest.approx(1.0)
    assert geometric_mean([4.0, 1.0, 1.0]) == pytest.approx(4 ** (1 / 3))
    assert math.isnan(geometric_mean([]))


def entry(contender: Contender, time: float | None, error: float = 0.0, **given: object) -> Entry:
    work = given.pop("work", WORK)
    assert isinstance(work, Workload)
    made = Entry(work, contender, adapter="an adapter", cold_ms=10.0, error=error)
    if time is None:
        made.error, made.reason = None, "it has none"
    else:
        made.times = [time, 3 * time, time / 2]
    return made


def test_the_best_peer_is_the_fastest_one_that_is_right() -> None:
    entries = [
        entry(WEBTENSOR, 1.0), entry(PEER, 2.0, error=1.0), entry(SLOW_PEER, 3.0),
        entry(PEERS[2], 1.5, error=math.nan), entry(CEILING, 0.5),
    ]  # fmt: skip
    assert best_peer(entries) == 3.0
    assert ratios(entries) == {WORK.name: 3.0}


def test_wrong_or_missing_results_of_ours_have_no_ratio() -> None:
    assert ratios([entry(WEBTENSOR, 1.0, error=1.0), entry(PEER, 2.0)]) == {}
    assert ratios([entry(WEBTENSOR, None), entry(PEER, 2.0)]) == {}
    assert ratios([entry(WEBTENSOR, 1.0), entry(PEER, None)]) == {}


def test_the_table_and_what_it_comes_to() -> None:
    entries = [
        entry(WEBTENSOR, 1.0), entry(PEER, 4.0), entry(SLOW_PEER, None), entry(CEILING, 0.5),
        entry(WEBTENSOR, 2.0, work=OTHER), entry(PEER, 1.0, work=OTHER),
        entry(WEBTENSOR, 6.0, work=ADD), entry(COPY, 2.0, work=ADD.copied()),
    ]  # fmt: skip
    lines = as_table(entries).splitlines()
    assert len(lines) == 2 + len(entries)
    assert len([line for line in lines if line.startswith(WORK.name)]) == 1
    assert re.search(r"webtensor .* 1\.00 .*✓ +4\.00 +50%$", lines[2])
    assert lines[4].split()[-1] == "—"
    text = summary(entries)
    assert "webtensor is 1.41× as fast" in text
    assert f"Slower than the best peer: {OTHER.name} (0.50×)" in text
    assert "reaches 50% of the hand-written" in text
    assert f"{ADD.name}: 50% of the bandwidth of a copy (4.19 GB/s meanwhile)" in text
    assert f"— {WORK.name}, {SLOW_PEER.name}: it has none" in text


def test_rows_have_what_the_table_has() -> None:
    row = entry(PEER, 2.0, error=1e-7).row("chromium")
    assert (row.median_ms, row.p95_ms, row.cold_ms, row.rel_err) == (2.0, 6.0, 10.0, 1e-7)
    assert (row.backend, row.browser, row.adapter) == ("webgpu", "chromium", "an adapter")


def test_software_adapters_are_labelled() -> None:
    assert adapter_name({"text": "some gpu", "software": False}) == "some gpu"
    assert adapter_name({"text": "some gpu", "software": True}) == "some gpu (software)"
    assert adapter_name({"text": "", "software": True}) == "not named (software)"


def test_what_only_asks_for() -> None:
    assert comparison.wanted(re.compile("start-up")) == {}
    everything = comparison.wanted(re.compile(""))
    assert list(everything) == list(COMPARED)
    for work in COMPARED:
        asked = [one for one in CONTENDERS if one.takes(work.operation)]
        assert everything[work] == [*asked, *([COPY] if work.operation in CHAINS else [])]
    some = comparison.wanted(re.compile("softmax.*(jax|webtensor)"))
    assert [(work.operation, [one.name for one in who]) for work, who in some.items()] == [
        ("softmax", ["webtensor", "jax-js 0.1.25"])
    ]
    assert set(MATMULS) <= set(COMPARED)


def test_peers_are_locked_to_the_versions_that_the_table_names() -> None:
    locked = {name: entry["version"] for name, entry in read_lock(LOCKS / "peers.json").items()}
    assert locked == {
        "onnxruntime-web": "1.30.0",
        "@tensorflow/tfjs-core": "4.22.0",
        "@tensorflow/tfjs-backend-webgpu": "4.22.0",
        "@jax-js/jax": "0.1.25",
    }
    for contender in PEERS:
        assert any(version.startswith(contender.name.split()[1]) for version in locked.values())


def test_peers_never_get_into_the_site() -> None:
    peers = set(read_lock(LOCKS / "peers.json"))
    assert not peers & set(read_lock())
    assert not peers & {package for package, *_ in NPM_FILES}


def test_every_operation_is_known_to_every_page() -> None:
    pages = {"tensorflow.js": PEERS[1], "jax.js": PEERS[2], "ceiling_kernels.js": CEILING}
    for page, contender in pages.items():
        text = (PAGES / page).read_text(encoding="utf-8")
        for operation in {work.operation for work in COMPARED if contender.takes(work.operation)}:
            assert re.search(rf"^  {operation}[:,]", text, re.MULTILINE), (page, operation)
    text = IN_BROWSER.read_text(encoding="utf-8")
    for operation in {work.operation for work in COMPARED}:
        assert f'    "{operation}": (' in text
