#!/usr/bin/env python3
"""Writes trained.json: reference values of the trained functions, at parameters of no
meaning.

Values are computed from the definitions, with 60 digits; derivatives are differences of
them by mpmath, independent of any formula for a derivative. The B-splines are sums of
truncated powers. Needs mpmath (Debian: python3-mpmath); the exit status is 2 if it is not
there.
"""
import json
import sys
from pathlib import Path

try:
    from mpmath import mp, mpf, binomial, diff, erf, floor, pi, sin, sqrt
except ImportError:
    sys.exit(print("trained.py: no mpmath: apt-get install python3-mpmath", file=sys.stderr) or 2)

mp.dps = 60
FROM, TO = mpf(-3), mpf(3)

gelu = lambda x: x * (1 + erf(x / sqrt(mpf(2)))) / 2


def pwl(theta, x):
    n = len(theta) - 1
    u = (x - FROM) * n / (TO - FROM)
    k = int(min(max(floor(u), 0), n - 1))
    return theta[k] * (k + 1 - u) + theta[k + 1] * (u - k)


def hat(u):
    """The cubic B-spline on 0 ... 4."""
    return sum((-1) ** i * binomial(4, i) * max(u - i, mpf(0)) ** 3 for i in range(5)) / 6


def bspline(theta, x):
    if x < FROM or x > TO:
        end = FROM if x < FROM else TO
        return gelu(x) + bspline(theta, end) - gelu(end)
    u = (x - FROM) * (len(theta) - 3) / (TO - FROM)
    return sum(c * hat(u - k + 3) for k, c in enumerate(theta))


def pau(theta, x, p=3):
    num = sum(a * x**k for k, a in enumerate(theta[: p + 1]))
    den = sum(b * x ** (k + 1) for k, b in enumerate(theta[p + 1 :]))
    return num / (1 + abs(den))


def staf(theta, x):
    n = len(theta) // 3
    return sum(theta[k] * sin(theta[n + k] * x + theta[2 * n + k]) for k in range(n))


def maxout(theta, x):  # of one channel
    return max(theta[2 * j] * x + theta[2 * j + 1] for j in range(len(theta) // 2))


def sine(theta, x):
    return sin(30 * x)


def numbers(n, seed):
    """n numbers in -2 ... 2 that are exact in float32 and follow no pattern."""
    return [(mpf((seed * 7919 + k * 104729 + k * k * 1299709) % 4001) - 2000) / 1024 for k in range(n)]


# Not at a knot, a kink or where the rational's sum is 0.
XS = [mpf(x) for x in (-1000, -7.5, -3.125, -2.875, -1.3125, -0.40625, 0.140625, 0.7109375, 1.640625, 2.9375, 3.0625, 5.25, 40)]


def main():
    out = []
    for name, f, theta in (
        ("pwl", pwl, numbers(7, 1)),
        ("bspline", bspline, numbers(8, 2)),
        ("pau", pau, numbers(4 + 3, 3)),
        ("staf", staf, numbers(9, 4)),
        ("maxout", maxout, numbers(6, 5)),
        ("sine", sine, []),
    ):
        rows = []
        for x in XS:
            row = [x, f(theta, x), diff(lambda e: f(theta, e), x, h=mpf(10) ** -30)]
            for k in range(len(theta)):
                row.append(diff(lambda e: f(theta[:k] + [e] + theta[k + 1 :], x), theta[k], h=mpf(10) ** -30))
            rows.append([float(e) for e in row])
        out.append({"name": name, "theta": [float(e) for e in theta], "rows": rows})
    lines = ['{"name": %s, "theta": %s, "rows": [\n' % (json.dumps(c["name"]), json.dumps(c["theta"]))
             + ",\n".join("  " + json.dumps(r) for r in c["rows"]) + "\n]}" for c in out]
    Path(__file__).with_name("trained.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


main()
