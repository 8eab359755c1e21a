#!/usr/bin/env python3
"""Writes the polynomials of forms.go and forms32.go anew, there and in gen, and prints their errors.

They are made as those of the CUDA kernels are (../ptx/coefficients.py). Needs mpmath
(Debian: python3-mpmath); the exit status is 2 if it is not there.
"""

import re
import struct
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(here.parent / "ptx"))
from coefficients import HALF_LN2, LOG_END, expm1, interpolate, log_tail, mpf, nstr, polyval, sqrt
from mpmath import erfc, exp


def exp_tail(r):
    """(e^r − 1 − r)/r²"""
    if abs(r) < mpf("1e-6"):
        return mpf(1) / 2 + r / 6 + r**2 / 24 + r**3 / 120
    return (expm1(r) - r) / r**2


def polynomial(f, low, high, degree):
    """The coefficients as float64, lowest power first."""
    return [float(v) for v in interpolate(f, low, high, degree)]


def single(c):
    """The nearest float32."""
    return [struct.unpack("f", struct.pack("f", v))[0] for v in c]


MILLS_RATE = mpf("0.3")


def mills(t):
    """Φ(−a)·e^(a²/2), where t = 1/(1 + MILLS_RATE·a)"""
    a = (1 / t - 1) / MILLS_RATE
    return erfc(a / sqrt(2)) / 2 * exp(a * a / 2)


def bell(t):
    """e^(−a²/2)"""
    a = (1 / t - 1) / MILLS_RATE
    return exp(-a * a / 2)


def print_error(name, c, f, low, high, weight):
    """Prints what the function that the polynomial c of f is a part of is off by."""
    points = [low + (high - low) * i / mpf(500) for i in range(501)]
    error = max(abs((polyval([mpf(v) for v in c[::-1]], x) - f(x)) * weight(x)) for x in points)
    print(f"{name}: error {nstr(error, 2)}")


def literal(c):
    """The lines between the braces of a composite literal in Go."""
    rows = [c[i : i + 4] for i in range(0, len(c), 4)]
    return "".join("\t\t" + ", ".join(map(repr, row)) + ",\n" for row in rows)


# log(1+f) = 2s + s·z·p(z), z = s²; the error is relative to 2s.
log_poly = polynomial(log_tail, mpf(0), LOG_END, 6)
print_error("logPoly", log_poly, log_tail, mpf(0), LOG_END, lambda z: z / 2)

# e^r − 1 = r + r²·p(r), where p(0) is ½ itself and not a float64 beside it.
exp_poly = [0.5] + polynomial(exp_tail, -HALF_LN2, HALF_LN2, 9)[1:]
print_error("expPoly", exp_poly, exp_tail, -HALF_LN2, HALF_LN2, lambda r: r * r)

log_poly32 = single(polynomial(log_tail, mpf(0), LOG_END, 2))
print_error("logPoly32", log_poly32, log_tail, mpf(0), LOG_END, lambda z: z / 2)

exp_poly32 = single([0.5] + polynomial(exp_tail, -HALF_LN2, HALF_LN2, 4)[1:])
print_error("expPoly32", exp_poly32, exp_tail, -HALF_LN2, HALF_LN2, lambda r: r * r)

mills_poly = single(polynomial(mills, 1 / (1 + 6 * MILLS_RATE), mpf(1), 7))
print_error("millsPoly", mills_poly, mills, 1 / (1 + 14 * MILLS_RATE), mpf(1), bell)

for file, kind, polynomials in [
    ("forms.go", "float64", [("logPoly", log_poly), ("expPoly", exp_poly)]),
    ("forms32.go", "float32", [("logPoly32", log_poly32), ("expPoly32", exp_poly32), ("millsPoly", mills_poly)]),
]:
    for source in [here / file, here / "gen" / file]:
        text = source.read_text()
        for name, c in polynomials:
            variable = re.compile(rf"(\t{name} *= \[[.]*\]{kind}{{\n).*?(\t}}\n)", re.DOTALL)
            text, found = variable.subn(lambda m: m[1] + literal(c) + m[2], text)
            if found != 1:
                sys.exit(f"polynomials.py: {source} has {found} variables {name}")
        source.write_text(text)
