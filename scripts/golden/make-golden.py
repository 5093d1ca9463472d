"""Makes the golden values of src/stats with SciPy, so that an independent implementation checks our formulas.

    python3 scripts/golden/make-golden.py && npm run format        writes src/stats/golden/*.json

Needs scipy; tests do not run it. Each case contains the exact call that made it. Inputs come from one seeded generator and are
rounded, so that the files contain them exactly.
"""

import itertools
import json
import pathlib

import numpy as np
import scipy
from scipy import stats

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "src" / "stats" / "golden"
EVERY = stats.PermutationMethod(n_resamples=np.inf)
random = np.random.default_rng(2014)


def sample(count, digits, centre=0.0, spread=1.0):
    return [round(float(value), digits) for value in random.normal(centre, spread, count)]


def write(name, cases):
    made = {"scipy": scipy.__version__, "numpy": np.__version__, "script": "scripts/golden/make-golden.py"}
    text = json.dumps({"made": made, "cases": cases}, indent=1, ensure_ascii=False)
    (FOLDER / f"{name}.json").write_text(text + "\n")


def normal():
    points = [-37, -20, -8.3, -5, -3.0001, -2.9999, -1.96, -0.5, 0, 0.1, 1, 2.5758, 3, 3.5, 6, 8]
    shares = [1e-300, 1e-20, 1e-6, 0.005, 0.01, 0.025, 0.3, 0.45, 0.75, 0.975, 0.9995]
    cdf = {"call": "scipy.stats.norm.cdf(z)", "z": points, "p": [float(stats.norm.cdf(z)) for z in points]}
    ppf = {"call": "scipy.stats.norm.ppf(p)", "p": shares, "z": [float(stats.norm.ppf(p)) for p in shares]}
    write("normal-distribution", {"cdf": cdf, "ppf": ppf})


def signed_rank():
    cases = []

    def case(differences, call, **options):
        result = stats.wilcoxon(differences, **options)
        cases.append({"call": call, "differences": differences, "statistic": float(result.statistic), "pValue": float(result.pvalue)})

    for count, centre in [(6, 0.8), (10, 0.3), (10, 1.2), (25, 0.4), (60, 0.2)]:
        case(sample(count, 4, centre), "wilcoxon(d, method='exact')", method="exact")
    call = "wilcoxon(d, zero_method='pratt', method=PermutationMethod(n_resamples=inf))"
    for values in [sample(8, 0, 0.7, 1.5), sample(10, 0, 0.5, 2), sample(12, 1, 0.3, 0.5), [0, 0, 0, 1, 2, 2, -1, 3, 3, 3]]:
        case([value + 0.0 for value in values], call, zero_method="pratt", method=EVERY)
    case(sample(250, 1, 0.1), "wilcoxon(d, zero_method='pratt', correction=True, method='asymptotic')", zero_method="pratt", correction=True, method="asymptotic")
    write("wilcoxon-signed-rank", cases)


def signed_rank_tails():
    """All 2^n sign patterns, counted."""
    cases = []
    for count in range(6, 17):
        signs = np.array(list(itertools.product([0, 1], repeat=count)), dtype=np.int8)
        sums = signs @ np.arange(1, count + 1)
        for confidence in [0.9, 0.95, 0.99]:
            k = -1
            while np.mean(sums <= k + 1) <= (1 - confidence) / 2:
                k += 1
            if k >= 0:
                cases.append({"n": count, "confidence": confidence, "leftOut": k, "attained": float(1 - 2 * np.mean(sums <= k))})
    write("signed-rank-tails", {"call": "enumeration of all 2^n sign patterns", "tails": cases})


def mann_whitney():
    cases = []

    def case(base, candidate, call, **options):
        result = stats.mannwhitneyu(candidate, base, alternative="two-sided", **options)
        shift = float(np.median(np.subtract.outer(np.array(candidate), np.array(base))))
        cases.append({"call": call, "base": base, "candidate": candidate, "statistic": float(result.statistic), "pValue": float(result.pvalue), "shift": shift})

    for n, m, centre in [(5, 5, 1.5), (8, 6, 0.5), (10, 10, 1), (20, 15, 0.4)]:
        case(sample(n, 4), sample(m, 4, centre), "mannwhitneyu(candidate, base, method='exact')", method="exact")
    for n, m in [(6, 6), (7, 5), (5, 8)]:
        call = "mannwhitneyu(candidate, base, method=PermutationMethod(n_resamples=inf))"
        case(sample(n, 0, 0, 1.5), sample(m, 0, 1, 1.5), call, method=EVERY)
    for digits in [4, 1]:
        call = "mannwhitneyu(candidate, base, use_continuity=True, method='asymptotic')"
        case(sample(60, digits), sample(55, digits, 0.3), call, use_continuity=True, method="asymptotic")
    write("mann-whitney", cases)


def hodges_lehmann():
    cases = []
    for count in [1, 2, 7, 10, 31]:
        values = sample(count, 4)
        walsh = [(values[i] + values[j]) / 2 for i in range(count) for j in range(i, count)]
        cases.append({"call": "numpy.median of (x[i] + x[j])/2 over i <= j", "values": values, "estimate": float(np.median(walsh))})
    write("hodges-lehmann", cases)


def energy(before, after):
    m, n = len(before), len(after)
    across = sum(abs(x - y) for x in before for y in after)
    inside = lambda values: sum(abs(x - y) for x, y in itertools.combinations(values, 2))
    distance = 2 * across / (m * n) - inside(before) / max(1, m * (m - 1) / 2) - inside(after) / max(1, n * (n - 1) / 2)
    return m * n / (m + n) * distance


def energy_splits():
    cases = []
    for shift, spread in [(3, 1), (0, 4), (0, 1)]:
        values = sample(14, 3) + sample(11, 3, shift, spread)
        best = max((energy(values[:i], values[i:j]), i) for i in range(5, len(values) - 4) for j in range(i + 5, len(values) + 1))
        cases.append({"call": "max of Q(x[:i], x[i:j]) by the formula, side at least 5", "values": values, "statistic": float(best[0]), "index": best[1]})
    write("energy-split", cases)


FOLDER.mkdir(exist_ok=True)
for make in [normal, signed_rank, signed_rank_tails, mann_whitney, hodges_lehmann, energy_splits]:
    make()
