#!/usr/bin/env python3
"""Writes functions.json: reference values of the baseline activations.

The formulas are those of PyTorch's documentation, evaluated with 60 digits; derivatives
are taken of the formula by mpmath's numerical differentiation. The inputs are exact in
float32. Needs mpmath (Debian: python3-mpmath); the exit status is 2 if it is not there.
"""
import json
import sys
from pathlib import Path

try:
    from mpmath import mp, mpf, diff, exp, log, erf, sqrt, tanh, inf, log1p, expm1
except ImportError:
    sys.exit(print("functions.py: no mpmath: apt-get install python3-mpmath", file=sys.stderr) or 2)

mp.dps = 60
# The results go down to e^-1000; the step of diff needs digits of its own.
GUARD = 500

sigmoid = lambda x: 1 / (1 + exp(-x))
softplus = lambda x: log1p(exp(x))

# name, parameter (None: none), formula, limits at -inf and +inf, those of the derivative
LIMIT0 = (mpf(0), inf, mpf(0), mpf(1))


def leaky(a):
    return lambda x: x if x > 0 else a * x


def swish_limits(b):
    if b == 0:
        return (-inf, inf, mpf(1) / 2, mpf(1) / 2)
    return LIMIT0 if b > 0 else (-inf, mpf(0), mpf(1), mpf(0))


def leaky_limits(a):
    return (mpf(0) if a == 0 else -inf if a > 0 else inf, inf, mpf(a), mpf(1))


cases = [
    ("relu", None, leaky(mpf(0)), LIMIT0),
    ("leakyrelu", None, leaky(mpf(0.01)), leaky_limits(0.01)),
    ("elu", None, lambda x: x if x > 0 else expm1(x), (mpf(-1), inf, mpf(0), mpf(1))),
    ("gelu", None, lambda x: x * (1 + erf(x / sqrt(mpf(2)))) / 2, LIMIT0),
    ("silu", None, lambda x: x * sigmoid(x), LIMIT0),
    ("mish", None, lambda x: x * tanh(softplus(x)), LIMIT0),
    ("softplus", None, softplus, LIMIT0),
    ("tanh", None, tanh, (mpf(-1), mpf(1), mpf(0), mpf(0))),
]
for a in (0.25, 0.0, -0.5):
    cases.append(("prelu", a, leaky(mpf(a)), leaky_limits(a)))
for b in (1.0, 0.0, 1.5, -2.0):
    cases.append(("swish", b, lambda x, b=b: x * sigmoid(mpf(b) * x), swish_limits(b)))

POSITIVE = [2.0**-10, 0.5, 1, 5, 30, 40, 100, 400, 700, 1000]
XS = [-x for x in reversed(POSITIVE)] + [0] + POSITIVE
KINKED = {"relu", "leakyrelu", "elu", "prelu"}


def text(v):
    """The shortest decimal of the nearest float64, which overflows to nothing here."""
    return "+Inf" if v == inf else "-Inf" if v == -inf else repr(float(v))


def derivative(name, param, f, x):
    if name in KINKED and x <= 0:  # the left derivative, of the branch for x <= 0
        if name == "elu":
            return exp(x)
        return {"relu": mpf(0), "leakyrelu": mpf(0.01)}.get(name, mpf(param or 0))
    return diff(f, x)


def main():
    out = []
    for name, param, f, (lo, hi, dlo, dhi) in cases:
        rows = [["-Inf", text(lo), text(dlo)]]
        for x in map(mpf, XS):
            mp.dps = 60 + GUARD
            row = [text(x), text(f(x)), text(derivative(name, param, f, x))]
            if name == "prelu":
                row.append(text(min(x, mpf(0))))
            elif name == "swish":
                row.append(text(diff(lambda b: x * sigmoid(b * x), mpf(param))))
            mp.dps = 60
            rows.append(row)
        rows.append(["+Inf", text(hi), text(dhi)])
        out.append({"name": name, "param": param, "rows": rows})
    lines = []
    for c in out:
        head = '{"name": %s, "param": %s, "rows": [\n' % (json.dumps(c["name"]), json.dumps(c["param"]))
        lines.append(head + ",\n".join("  " + json.dumps(r) for r in c["rows"]) + "\n]}")
    Path(__file__).with_name("functions.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


main()
