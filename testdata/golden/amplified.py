"""Writes amplified.json: VariantAmplified and its gradients in 60-digit arithmetic.

    python3 amplified.py > amplified.json     (needs mpmath)

Nothing here is shared with the Go code. The flow of the velocity field, which is
affine on each cell, is followed from cell to cell in closed form; the gradients are
central differences with a step of 1e-20, whose error is far below float64. V are the
velocities at the vertices, alpha the amplification, and

    y = (x + alpha (T(x) - x)) Phi(x)  for a <= x <= b,  x Phi(x)  elsewhere.
"""
import json
import random

from mpmath import exp, log, mp, mpf, ncdf

mp.dps = 60
STEP = mpf(10) ** -20


def flow(v, a, b, x):
    """T(x): the place at time 1 of the trajectory that is at x at time 0."""
    n = len(v) - 1
    h = (b - a) / n
    left = mpf(1)  # the time that is left
    c = min(max(int((x - a) / h), 0), n - 1)
    while True:
        x0 = a + c * h
        s = (v[c + 1] - v[c]) / h
        now = v[c] + s * (x - x0)
        if now == 0:
            return x
        end = c + 1 if now > 0 else c
        if now * v[end] > 0:  # the trajectory reaches that vertex, at the time:
            d = a + end * h - x
            time = log(v[end] / now) / s if s != 0 else d / now
            if time < left:
                left -= time
                x = a + end * h
                c += 1 if now > 0 else -1
                if c < 0 or c >= n:
                    raise ValueError("left the domain")
                continue
        return x + (now * (exp(s * left) - 1) / s if s != 0 else now * left)


def curve(v, alpha, a, b, x):
    inside = a <= x <= b
    return (x + alpha * (flow(v, a, b, x) - x) if inside else x) * ncdf(x)


def slope(f, at):
    return (f(at + STEP) - f(at - STEP)) / (2 * STEP)


def case(alpha, cells, size, seed):
    r = random.Random(seed)
    a, b = mpf(-3), mpf(3)
    v = [mpf(0)] + [mpf(round(r.gauss(0, size), 6)) for _ in range(cells - 1)] + [mpf(0)]
    xs = [mpf(round(r.uniform(-3.5, 3.5), 6)) for _ in range(24)]
    alpha = mpf(alpha)
    out = {"alpha": float(alpha), "a": -3, "b": 3, "v": [float(e) for e in v], "x": [float(e) for e in xs],
           "y": [], "dy_dx": [], "dy_dv": [], "dy_dalpha": []}
    # The numbers as float64 holds them.
    v, xs, alpha = [mpf(e) for e in out["v"]], [mpf(e) for e in out["x"]], mpf(out["alpha"])
    for x in xs:
        out["y"].append(float(curve(v, alpha, a, b, x)))
        out["dy_dx"].append(float(slope(lambda e: curve(v, alpha, a, b, e), x)))
        out["dy_dalpha"].append(float(slope(lambda e: curve(v, e, a, b, x), alpha)))
        row = []
        for j in range(1, cells):
            row.append(float(slope(lambda e: curve(v[:j] + [e] + v[j + 1:], alpha, a, b, x), v[j])))
        out["dy_dv"].append(row)
    return out


if __name__ == "__main__":
    cases = [case(*c) for c in [(1, 5, 0.5, 1), (4, 5, 0.5, 2), (4, 10, 2, 3), (16, 10, 0.3, 4), (0.5, 7, 1, 5), (3.25, 30, 1, 6)]]
    print(json.dumps({"note": "written by amplified.py; dy_dv is for the inner vertices", "cases": cases}, indent=0))
