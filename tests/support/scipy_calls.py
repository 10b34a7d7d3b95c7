"""SciPy's functions that take arrays of any namespace of the standard, each with a call of it.

A function that SciPy has no generic code for computes with NumPy and goes back to the namespace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import special, stats

import webtensor as wt

# Special functions by their number of operands, which are between 0.2 and 1.
_SPECIAL = {
    1: """cbrt cosdg cosm1 cotdg digamma ellipk ellipkm1 entr erf erfc erfcx erfinv exp1 exp10 exp2
        expi expit exprel gamma gammaln gammasgn i0 i0e i1 i1e j0 j1 k0 k0e k1 k1e log_ndtr
        log_softmax loggamma logit logsumexp ndtr ndtri psi rgamma sinc sindg softmax spence tandg
        y0 y1 zetac""",
    2: """betaln binom boxcox boxcox1p chdtr chdtrc chdtri gammainc gammaincc gammainccinv
        gammaincinv huber inv_boxcox inv_boxcox1p kl_div pdtr pdtrc poch pseudo_huber rel_entr stdtr
        stdtrit xlog1py xlogy""",
    3: "betainc betaincc betaincinv fdtr fdtrc fdtri gdtr gdtrc hyp1f1 radian",
}
_GENERIC = ("log_softmax", "logsumexp", "rel_entr", "softmax", "xlogy")
# With integers or numbers among their operands, of which SciPy's own code makes float64.
_SPECIAL_WIDE: dict[str, Callable[[Any], Any]] = {
    "bdtr": lambda p: special.bdtr(p, _count(p), p / 9),
    "expn": lambda p: special.expn(_count(p), p),
    "multigammaln": lambda p: special.multigammaln(p + 3, 2),
    "polygamma": lambda p: special.polygamma(1, p),
}
# Statistics by operands (a, b, c: normal; p: positive; q: probabilities) and options.
_STATISTICS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("alexandergovern", "abc", {}),
    ("ansari", "ab", {}),
    ("bartlett", "abc", {}),
    ("boxcox_llf", "p", {"lmb": 0.5}),
    ("brunnermunzel", "ab", {}),
    ("chatterjeexi", "ab", {}),
    ("chisquare", "p", {}),
    ("circmean", "p", {}),
    ("circstd", "p", {}),
    ("circvar", "p", {}),
    ("combine_pvalues", "q", {}),
    ("cramervonmises", "a", {"cdf": special.ndtr}),
    ("cramervonmises_2samp", "ab", {"method": "asymptotic"}),
    ("describe", "a", {}),
    ("differential_entropy", "a", {}),
    ("directional_stats", "a", {}),
    ("entropy", "p", {}),
    ("epps_singleton_2samp", "ab", {}),
    ("f_oneway", "abc", {}),
    ("false_discovery_control", "q", {}),
    ("fligner", "abc", {}),
    ("friedmanchisquare", "abc", {}),
    ("gmean", "p", {}),
    ("gstd", "p", {}),
    ("gzscore", "p", {}),
    ("hmean", "p", {}),
    ("iqr", "p", {}),
    ("jarque_bera", "a", {}),
    ("kruskal", "abc", {}),
    ("ks_1samp", "a", {"cdf": special.ndtr, "method": "asymp"}),
    ("kstat", "a", {"n": 3}),
    ("kstatvar", "a", {"n": 2}),
    ("kurtosis", "a", {}),
    ("kurtosistest", "a", {}),
    ("levene", "abc", {}),
    ("lmoment", "a", {}),
    ("mannwhitneyu", "ab", {"method": "asymptotic"}),
    ("median_abs_deviation", "a", {}),
    ("mode", "a", {}),
    ("moment", "a", {"order": 3}),
    ("mood", "ab", {}),
    ("normaltest", "a", {}),
    ("pearsonr", "ab", {}),
    ("pmean", "p", {"p": 2.0}),
    ("power_divergence", "p", {"lambda_": 0.5}),
    ("quantile", "a", {"p": 0.3}),
    ("rankdata", "a", {}),
    ("sem", "a", {}),
    ("sigmaclip", "a", {"low": 2.0, "high": 2.0}),
    ("skew", "a", {}),
    ("skewtest", "a", {}),
    ("spearmanrho", "ab", {}),
    ("tmax", "a", {"upperlimit": 0.5}),
    ("tmean", "a", {"limits": (-1.0, 1.0)}),
    ("tmin", "a", {"lowerlimit": -0.5}),
    ("trim_mean", "a", {"proportiontocut": 0.1}),
    ("tsem", "a", {"limits": (-1.0, 1.0)}),
    ("tstd", "a", {"limits": (-1.0, 1.0)}),
    ("ttest_1samp", "a", {"popmean": 0.1}),
    ("ttest_ind", "ab", {}),
    ("ttest_rel", "ab", {}),
    ("tvar", "a", {"limits": (-1.0, 1.0)}),
    ("variation", "p", {}),
    ("wilcoxon", "ab", {"method": "asymptotic"}),
    ("yeojohnson_llf", "a", {"lmb": 0.5}),
    ("zmap", "ab", {}),
    ("zscore", "a", {}),
)
_WITHOUT_AXIS = ("directional_stats", "sigmaclip")
_FIRST = {"boxcox_llf": "lmb", "yeojohnson_llf": "lmb"}


@dataclass(frozen=True)
class Call:
    """A function and its operands, float64 that float32 can hold.

    Attributes:
        lacks: what "webgpu" raises, if it lacks something that the function needs.
        anywhere: whether it may compute with NumPy.
        single: whether it computes in the default dtype, float32, whatever its operands have.
    """

    name: str
    function: Callable[..., Any]
    operands: tuple[np.ndarray[Any, Any], ...]
    lacks: type[wt.WebTensorError] | None = None
    anywhere: bool = False
    single: bool = False


def _count(p: Any) -> Any:
    """Integers beside p."""
    xp = p.__array_namespace__()
    return xp.full(p.shape, 3, dtype=xp.int32, device=p.device)


def _statistic(name: str, options: dict[str, Any]) -> Callable[..., Any]:
    function = getattr(stats, name)
    if name not in _WITHOUT_AXIS:
        options = {**options, "axis": -1}
    if name in _FIRST:
        first = options.pop(_FIRST[name])
        return partial(function, first, **options)
    return partial(function, **options)


def calls() -> list[Call]:
    """Each function once. SciPy has a few more, which resample by functions that they are given."""
    random = np.random.default_rng(4)

    def single(values: Any) -> Any:
        return values.astype(np.float32).astype(np.float64)

    a, b, c = (single(random.normal(size=(3, 40))) for _ in range(3))
    operands = {"a": a, "b": b, "c": c, "p": single(np.abs(b) + 0.1)}
    operands["q"] = single(random.uniform(0.01, 0.99, size=(3, 40)))
    between = single(np.sort(random.uniform(0.2, 1, (3, 5)))[:, ::-1])
    wide = wt.UnsupportedDtypeError
    result = [
        Call(name, getattr(special, name), tuple(between[:count]), anywhere=name not in _GENERIC)
        for count, names in _SPECIAL.items()
        for name in names.split()
    ]
    result += [
        Call(name, function, (between[0],), wide, anywhere=True)
        for name, function in _SPECIAL_WIDE.items()
    ]
    result.append(Call("zeta", special.zeta, (between[0] + 2, between[1]), anywhere=True))
    return result + [
        Call(
            name,
            _statistic(name, options),
            tuple(operands[one] for one in letters),
            wide if name == "describe" else None,  # it counts in int64
            single=name == "brunnermunzel",
        )
        for name, letters, options in _STATISTICS
    ]


def parts(result: Any) -> Iterator[Any]:
    """The arrays and numbers in what a function returned."""
    if isinstance(result, wt.Tensor | np.ndarray | np.generic | int | float):
        yield result
    elif isinstance(result, tuple | list):
        for one in result:
            yield from parts(one)
    elif isinstance(result, dict):
        yield from parts(list(result.values()))
    else:
        yield from parts(list(vars(result).values()))
