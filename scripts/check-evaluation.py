"""Recomputes the main figures of an evaluation from its predictions, with numpy alone, and compares them with metrics.json.

It shares no code with `undertone evaluate --check`: whoever does not trust the one can ask the other.

    /usr/bin/python3 scripts/check-evaluation.py docs/evaluation/*
"""

import collections
import csv
import json
import pathlib
import sys

import numpy as np

NEAR = 1e-5


def ua(truth, guess):
    return np.mean([np.mean(guess[truth == label] == label) for label in sorted(set(truth))])


def f1(truth, guess):
    out = []
    for label in sorted(set(truth)):
        hit = np.sum((truth == label) & (guess == label))
        out.append(2 * hit / (np.sum(truth == label) + np.sum(guess == label)))
    return np.mean(out)


def ece(right, top):
    which = np.minimum(9, np.floor(top * 10 + 1e-9))
    return sum(np.mean(which == b) * abs(right[which == b].mean() - top[which == b].mean()) for b in set(which))


def check(folder):
    metrics = json.loads((folder / "metrics.json").read_text())
    problems = []

    def compare(name, found, written):
        if abs(found - written) > NEAR:
            problems.append(f"{name}: written {written}, found {found:.6f}")

    by_fold = metrics["protocol"] in ("emobox-ravdess", "emobox-emodb", "cross-corpus")
    for condition, of in metrics["conditions"].items():
        per_seed = collections.defaultdict(list)
        for record in sorted((folder / "predictions").glob("*.json")):
            info = json.loads(record.read_text())
            suffix = ".csv" if condition == "clean" else f".{condition}.csv"
            with open(str(record)[: -len(".json")] + suffix, newline="") as file:
                rows = list(csv.DictReader(file))
            for row in rows:
                p = {k[2:]: float(v) for k, v in row.items() if k.startswith("p.")}
                unit = info["fold"] if by_fold else row["speaker"].split("/")[0]
                per_seed[info["seed"]].append((unit, row["truth"], row["guess"], max(p.values()), p[row["guess"]], row["gender"], row["speaker"]))
        seeds = []
        for rows in per_seed.values():
            unit, truth, guess, top, said, gender, speaker = map(np.array, zip(*rows))
            assert np.all(top == said), "a guess is not the most probable class"
            units = [ua(truth[unit == u], guess[unit == u]) for u in dict.fromkeys(unit)]
            seeds.append(
                dict(
                    ua=np.mean(units),
                    accuracy=np.mean(truth == guess),
                    macroF1=f1(truth, guess),
                    ece=ece(truth == guess, top),
                    female=ua(truth[gender == "female"], guess[gender == "female"]) if np.any(gender == "female") else np.nan,
                    lowest=min(ua(truth[speaker == s], guess[speaker == s]) for s in set(speaker)),
                )
            )
        mean = lambda name: float(np.mean([s[name] for s in seeds]))
        compare(f"{condition} UA", mean("ua"), of["ua"]["value"])
        for name in ("accuracy", "macroF1", "ece"):
            compare(f"{condition} {name}", mean(name), of["pooled"][name]["value"])
        for gender in of["genders"]:
            if gender["gender"] == "female":
                compare(f"{condition} UA of women", mean("female"), gender["ua"]["value"])
        if len(seeds) == 1:
            compare(f"{condition} worst speaker", mean("lowest"), of["speakerSpread"]["lowest"])
        low, value, high = (of["ua"][k] for k in ("low", "value", "high"))
        if not low <= value <= high:
            problems.append(f"{condition}: {value} lies outside its interval")
    return problems


def main():
    failed = False
    for path in map(pathlib.Path, sys.argv[1:]):
        if not (path / "metrics.json").exists():
            continue
        problems = check(path)
        failed = failed or bool(problems)
        print(f"{path}: {'; '.join(problems) or 'as the predictions say'}")
    sys.exit(failed)


main()
