"""What scipy says about intervals and tests at 95 %, as JSON on stdout; tests/statistics.rs holds qunce to it."""

import itertools
import json
import math

from scipy import stats

SIZES = [1, 2, 3, 5, 10, 29, 30, 100, 997, 10_000, 1_000_000, 1_000_000_000]


def wilson():
    for n in SIZES:
        for k in sorted({0, 1, 2, n // 100, n // 5, n // 3, n // 2, 9 * n // 10, n - 1, n}):
            if 0 <= k <= n:
                interval = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
                yield {"k": k, "n": n, "low": interval.low, "high": interval.high}


def student():
    for n in [2, 3, 4, 5, 10, 30, 31, 120, 1000, 20_001, 50_001, 100_000, 1_000_000, 100_000_000]:
        for mean, variance in [(0.0, 1.0), (0.5, 1e-6), (-3.25, 2.0), (1234.5, 98765.4321), (7.0, 0.0)]:
            error = math.sqrt(variance / n)
            half = stats.t.ppf(0.975, n - 1) * error
            yield {"n": n, "mean": mean, "variance": variance, "low": mean - half, "high": mean + half}


def proportions():
    """Pooled two-proportion z test, two-sided."""
    sizes = [1, 4, 20, 100, 1000]
    shares = [0.0, 0.05, 0.1, 0.2, 0.25, 0.5, 0.9, 1.0]
    for n1, n2 in itertools.product(sizes, sizes):
        for p1, p2 in itertools.product(shares, shares):
            k1, k2 = round(p1 * n1), round(p2 * n2)
            pooled = (k1 + k2) / (n1 + n2)
            error = math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
            p = 1.0 if error == 0 else 2 * stats.norm.sf(abs(k1 / n1 - k2 / n2) / error)
            yield {"k1": k1, "n1": n1, "k2": k2, "n2": n2, "p": p, "differ": bool(p < 0.05)}
            if 0 < k1 + k2 < n1 + n2:
                # The same test by another road: without continuity correction, chi-square is z squared.
                chi2 = stats.chi2_contingency([[k1, n1 - k1], [k2, n2 - k2]], correction=False)
                assert math.isclose(chi2.pvalue, p, rel_tol=1e-9, abs_tol=1e-12), (k1, n1, k2, n2)


def means():
    """Welch's t test, two-sided."""
    for n1, n2 in itertools.product([2, 5, 30, 400], repeat=2):
        for shift in [0.0, 0.1, 0.5, 1.0, 3.0]:
            for v1, v2 in [(1.0, 1.0), (1.0, 9.0), (0.01, 4.0)]:
                test = stats.ttest_ind_from_stats(10.0, math.sqrt(v1), n1, 10.0 + shift, math.sqrt(v2), n2, equal_var=False)
                yield {
                    "n1": n1, "mean1": 10.0, "variance1": v1,
                    "n2": n2, "mean2": 10.0 + shift, "variance2": v2,
                    "p": test.pvalue, "differ": bool(test.pvalue < 0.05),
                }


if __name__ == "__main__":
    print(json.dumps({
        "wilson": list(wilson()),
        "student": list(student()),
        "proportions": list(proportions()),
        "means": list(means()),
    }))
