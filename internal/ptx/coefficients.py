#!/usr/bin/env python3
"""Writes the polynomials of real.cuh anew, and prints their errors.

Each interpolates its function at Chebyshev nodes, computed with 60 digits, and so is
nearly the best of its degree. Needs mpmath (Debian: python3-mpmath); the exit status is
2 if it is not there.
"""

import re
import struct
import sys
from pathlib import Path

try:
    from mpmath import cos, expm1, factorial, log, lu_solve, matrix, mp, mpf, nstr, pi, polyval, sqrt
except ImportError:
    sys.exit(print("coefficients.py: no mpmath: apt-get install python3-mpmath", file=sys.stderr) or 2)

mp.dps = 60
MARGIN = mpf("1.001")  # reduced arguments pass the ends of their interval by rounding
HALF_LN2 = log(2) / 2 * MARGIN
LOG_END = ((sqrt(2) - 1) / (sqrt(2) + 1) * MARGIN) ** 2
ANGLE_END = (pi / 4 * MARGIN) ** 2


def exp_tail(r):
    if abs(r) < mpf("1e-6"):
        return mpf(1) / 6 + r / 24 + r**2 / 120 + r**3 / 720
    return (expm1(r) - r - r * r / 2) / r**3


def log_tail(z):
    return sum(2 * z**k / mpf(2 * k + 3) for k in range(60))


def sin_tail(z):
    return sum((-1) ** (k + 1) * z**k / factorial(2 * k + 3) for k in range(40))


def cos_tail(z):
    return sum((-1) ** k * z**k / factorial(2 * k + 4) for k in range(40))


def interpolate(f, low, high, degree):
    n = degree + 1
    nodes = [(low + high) / 2 + (high - low) / 2 * cos(pi * (2 * i + 1) / (2 * n)) for i in range(n)]
    powers = matrix(n, n)
    for i, x in enumerate(nodes):
        for j in range(n):
            powers[i, j] = x**j
    return list(lu_solve(powers, matrix([f(x) for x in nodes])))


def literal(c, single):
    """The nearest float or double in C++."""
    if not single:
        return float(c).hex()
    text = struct.unpack("f", struct.pack("f", float(c)))[0].hex()
    return re.sub("0+p", "p", text) + "f"


def body(c, x, single):
    """Horner's rule for the coefficients c, lowest power first."""
    c = [literal(v, single) for v in c]
    lines = [f"{'float' if single else 'double'} p = {c[-1]};"]
    lines += [f"p = fma_(p, {x}, {v});" for v in c[-2:0:-1]]
    lines += [f"return fma_(p, {x}, {c[0]});"]
    return "".join(f"    {line}\n" for line in lines)


def main():
    source = Path(__file__).with_name("real.cuh")
    text = source.read_text()
    for name, f, low, high, single_degree, double_degree in [
        ("expTail", exp_tail, -HALF_LN2, HALF_LN2, 4, 9),
        ("logTail", log_tail, mpf(0), LOG_END, 2, 6),
        ("sinTail", sin_tail, mpf(0), ANGLE_END, 2, 5),
        ("cosTail", cos_tail, mpf(0), ANGLE_END, 2, 5),
    ]:
        for single, degree in [(True, single_degree), (False, double_degree)]:
            c = interpolate(f, low, high, degree)
            points = [low + (high - low) * i / mpf(500) for i in range(501)]
            error = max(abs(polyval(c[::-1], x) - f(x)) for x in points)
            kind = "float" if single else "double"
            print(f"{name}, {kind}: error {nstr(error, 2)}")
            function = re.compile(rf"(DEVICE {kind} {name}\({kind} (\w)\) {{\n).*?(  }}\n)", re.DOTALL)
            text, found = function.subn(lambda m: m[1] + body(c, m[2], single) + m[3], text)
            if found != 1:
                sys.exit(f"coefficients.py: real.cuh has {found} functions {name} of {kind}")
    source.write_text(text)


if __name__ == "__main__":
    main()
