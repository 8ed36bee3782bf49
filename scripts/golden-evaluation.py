"""Golden values of the figures of `undertone evaluate`, from numpy and scipy alone.

Writes test/golden/evaluation.json: made-up predictions of two seeds and three folds that share no speaker, and of two that
share all, with the figures that follow from them by the formulas of the docstrings in src/training/evaluation; the temperature
of made-up clips; and the streaming figures of made-up labels. Everything is computed the plain way: a resample is a list of
speakers, whose clips are put one after the other.

    /usr/bin/python3 scripts/golden-evaluation.py
"""

import json
import pathlib

import numpy as np
from scipy import optimize

LABELS = ["anger", "disgust", "happiness", "sadness"]
RESAMPLES = 2000


class Mulberry:
    """mulberry32 from the FNV-1a hash of a text, as src/training/random.ts has it."""

    def __init__(self, seed):
        state = 0x811C9DC5
        for character in seed:
            state = ((state ^ ord(character)) * 0x01000193) & 0xFFFFFFFF
        self.state = state

    def next(self):
        self.state = (self.state + 0x6D2B79F5) & 0xFFFFFFFF
        a = self.state
        t = ((a ^ (a >> 15)) * (a | 1)) & 0xFFFFFFFF
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & 0xFFFFFFFF)) & 0xFFFFFFFF
        return ((t ^ (t >> 14)) & 0xFFFFFFFF) / 2**32

    def index(self, count):
        return int(self.next() * count)


def made_up(random, fold, seed, speakers, clips, shift):
    rows = []
    for number, speaker in enumerate(speakers):
        for clip in range(clips):
            truth = int(random.integers(len(LABELS)))
            logits = random.normal(0, 1, len(LABELS)) + (1.4 + 0.5 * random.normal()) * np.eye(len(LABELS))[truth]
            logits += shift[number % len(shift)] * np.arange(len(LABELS))
            p = np.exp(logits) / np.exp(logits).sum()
            p = np.round(p, 5)
            p[np.argmax(p)] += 1 - p.sum()
            p = np.round(p, 5)
            rows.append(
                dict(
                    fold=fold,
                    seed=seed,
                    clip=f"{speaker}-{fold}-{clip}",
                    speaker=speaker,
                    gender="female" if number % 2 else "male",
                    truth=truth,
                    p=[float(x) for x in p],
                )
            )
    return rows


def precision_recall(truth, guess):
    out = []
    for label in range(len(LABELS)):
        tp = np.sum((truth == label) & (guess == label))
        fp = np.sum((truth != label) & (guess == label))
        fn = np.sum((truth == label) & (guess != label))
        precision = tp / (tp + fp) if tp + fp else 0.0
        recall = tp / (tp + fn) if tp + fn else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        out.append((precision, recall, f1, tp + fn))
    return out


def ece(truth, p):
    guess, top = p.argmax(1), p.max(1)
    edges = np.linspace(0, 1, 11)
    which = np.clip(np.digitize(np.round(top, 5), np.round(edges, 9)) - 1, 0, 9)
    total = 0.0
    for b in range(10):
        inside = which == b
        if inside.any():
            total += inside.mean() * abs((guess[inside] == truth[inside]).mean() - top[inside].mean())
    return total


def figures(rows):
    truth = np.array([r["truth"] for r in rows])
    p = np.array([r["p"] for r in rows])
    guess = p.argmax(1)
    per = precision_recall(truth, guess)
    present = [x for x in per if x[3] > 0]
    support = np.array([x[3] for x in per])
    return dict(
        accuracy=float((truth == guess).mean()),
        ua=float(np.mean([x[1] for x in present])),
        macroPrecision=float(np.mean([x[0] for x in present])),
        macroF1=float(np.mean([x[2] for x in present])),
        weightedPrecision=float(np.average([x[0] for x in per], weights=support)),
        weightedF1=float(np.average([x[2] for x in per], weights=support)),
        ece=float(ece(truth, p)),
        precision=[float(x[0]) for x in per],
        recall=[float(x[1]) for x in per],
        f1=[float(x[2]) for x in per],
    )


def draws(speakers, strata):
    """The speakers of each resample: within each stratum as many as there are, with replacement."""
    random = Mulberry("bootstrap over speakers")
    groups = {}
    for speaker, stratum in zip(speakers, strata):
        groups.setdefault(stratum, []).append(speaker)
    return [[g[random.index(len(g))] for g in groups.values() for _ in g] for _ in range(RESAMPLES)]


def interval(value, resampled):
    low, high = np.nanpercentile(resampled, [2.5, 97.5])
    return dict(value=float(value), low=float(low), high=float(high))


def evaluation(rows, strata_of):
    seeds = sorted({r["seed"] for r in rows})
    folds = list(dict.fromkeys(r["fold"] for r in rows))
    speakers = sorted({r["speaker"] for r in rows})
    resamples = draws(speakers, [strata_of[s] for s in speakers])
    by = {}
    for r in rows:
        by.setdefault((r["seed"], r["speaker"]), []).append(r)

    def pick(seed, chosen, keep):
        return [r for speaker in chosen for r in by[(seed, speaker)] if keep(r)]

    def mean_over_seeds(chosen, keep, name, place=None):
        values = []
        for seed in seeds:
            own = pick(seed, chosen, keep)
            if not own:
                return np.nan
            f = figures(own)[name]
            values.append(f if place is None else f[place])
        return np.mean(values)

    def with_interval(keep, name, place=None, few=RESAMPLES):
        return interval(
            mean_over_seeds(speakers, keep, name, place),
            [mean_over_seeds(chosen, keep, name, place) for chosen in resamples[:few]],
        )

    def mean_ua(chosen):
        return np.mean([np.mean([figures(pick(s, chosen, lambda r: r["fold"] == f))["ua"] for f in folds]) for s in seeds])

    everything = lambda r: True
    out = dict(
        ua=interval(mean_ua(speakers), [mean_ua(c) for c in resamples]),
        uaBySeed=[np.mean([figures([r for r in rows if r["seed"] == s and r["fold"] == f])["ua"] for f in folds]) for s in seeds],
        pooled={n: with_interval(everything, n) for n in ["accuracy", "macroF1", "weightedF1", "macroPrecision", "weightedPrecision", "ua", "ece"]},
        classes=[{n: with_interval(everything, n, i) for n in ["precision", "recall", "f1"]} for i in range(len(LABELS))],
        units=[with_interval(lambda r, f=f: r["fold"] == f, "ua") for f in folds],
        genders={g: with_interval(lambda r, g=g: r["gender"] == g, "ua") for g in ["female", "male"]},
    )
    confusion = np.zeros((len(LABELS), len(LABELS)), int)
    for r in rows:
        confusion[r["truth"], int(np.argmax(r["p"]))] += 1
    out["confusion"] = confusion.tolist()
    per_speaker = [np.mean([figures(by[(s, speaker)])["ua"] for s in seeds]) for speaker in speakers]
    q = np.percentile(per_speaker, [0, 25, 50, 75, 100])
    out["spread"] = dict(
        mean=np.mean(per_speaker), deviation=np.std(per_speaker, ddof=1), lowest=q[0], lowerQuartile=q[1], median=q[2], upperQuartile=q[3], highest=q[4]
    )
    top = np.array([max(r["p"]) for r in rows])
    right = np.array([int(np.argmax(r["p"])) == r["truth"] for r in rows])
    coverage = []
    for share in np.arange(20, 0, -1) / 20:
        threshold = np.sort(top)[::-1][int(np.ceil(share * len(top) - 1e-9)) - 1]
        if coverage and coverage[-1]["threshold"] == threshold:
            continue
        kept = top >= threshold
        coverage.append(dict(threshold=threshold, coverage=kept.mean(), accuracy=right[kept].mean()))
    out["coverage"] = coverage
    return out


def temperature(random):
    clips = []
    for _ in range(60):
        windows = int(random.integers(1, 6))
        truth = int(random.integers(len(LABELS)))
        logits = 3 * (random.normal(0, 1, (windows, len(LABELS))) + 0.8 * np.eye(len(LABELS))[truth])
        clips.append(dict(truth=truth, logits=np.round(logits, 3).tolist(), speech=np.round(random.uniform(0, 1, windows), 3).tolist()))

    def loss(log_t):
        total = 0.0
        for c in clips:
            z = np.array(c["logits"]) / np.exp(log_t)
            p = np.exp(z - z.max(1, keepdims=True))
            p /= p.sum(1, keepdims=True)
            total -= np.log(np.average(p[:, c["truth"]], weights=np.maximum(1e-6, c["speech"])))
        return total / len(clips)

    found = optimize.minimize_scalar(loss, bounds=(np.log(0.1), np.log(10)), method="bounded", options=dict(xatol=1e-8))
    return dict(clips=clips, temperature=float(np.exp(found.x)), loss=float(found.fun))


def streaming(random):
    """Labels of windows every 250 ms, drawn so that they mostly stay, and stretches of acted emotions."""
    streams, delays, flips, minutes, seen, right, labelled, windows = [], [], 0, 0.0, np.zeros(3), np.zeros(3), 0, 0
    for _ in range(6):
        edges = np.cumsum(random.integers(1500, 9000, 7)) + 300
        truth = [int(random.integers(3))]
        for _ in range(5):
            truth.append(int((truth[-1] + 1 + random.integers(2)) % 3))
        stretches = [dict(startMs=int(a), endMs=int(b), label=t) for a, b, t in zip(edges[:-1], edges[1:], truth)]
        ends = np.arange(250, edges[-1] + 1000, 250)
        labels = [0]
        for end in ends[1:]:
            here = [s["label"] for s in stretches if s["startMs"] < end <= s["endMs"]]
            u = random.random()
            labels.append(labels[-1] if u < 0.75 or not here else here[0] if u < 0.93 else int(random.integers(-1, 3)))
        labels = np.array(labels)
        streams.append(dict(endMs=[int(e) for e in ends], labels=labels.tolist(), stretches=stretches))
        for k, s in enumerate(stretches):
            inside = np.flatnonzero((ends > s["startMs"]) & (ends <= s["endMs"]))
            own = labels[inside]
            hits = np.flatnonzero(own == s["label"])
            if k > 0:
                delays.append(ends[inside[hits[0]]] - s["startMs"] if len(hits) else np.inf)
            changes = set((np.flatnonzero(own[1:] != own[:-1]) + 1).tolist())
            flips += len(changes - ({int(hits[0])} if len(hits) else set()))
            minutes += (s["endMs"] - s["startMs"]) / 60000
            windows += len(own)
            labelled += int((own >= 0).sum())
            seen[s["label"]] += len(own)
            right[s["label"]] += len(hits)
    delays = np.sort(np.array(delays, float))
    return dict(
        streams=streams,
        figures=dict(
            windows=windows,
            accuracy=right.sum() / labelled,
            ua=np.mean(right / seen),
            coverage=labelled / windows,
            followed=np.isfinite(delays).mean(),
            medianDelayMs=np.percentile(delays, 50, method="lower"),
            flipsPerMinute=flips / minutes,
        ),
    )


def clean(value):
    if isinstance(value, dict):
        return {k: clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return round(float(value), 10)
    if isinstance(value, np.integer):
        return int(value)
    return value


def main():
    random = np.random.default_rng(20240301)
    apart, shared = [], []
    for seed in (1, 2):
        for fold in range(3):
            speakers = [f"ravdess/{10 * fold + k:02d}" for k in range(4 if fold else 3)]
            apart += made_up(random, str(fold + 1), seed, speakers, 9, (0, 0.4, -0.3))
        for fold in range(2):
            shared += made_up(random, str(fold + 1), seed, [f"emodb/{k:02d}" for k in range(5)], 7, (0, 0.2))
    stratum = {r["speaker"]: r["fold"] for r in apart}
    out = dict(
        labels=LABELS,
        apart=dict(rows=apart, figures=evaluation(apart, stratum)),
        shared=dict(rows=shared, figures=evaluation(shared, {r["speaker"]: 0 for r in shared})),
        temperature=temperature(random),
        streaming=streaming(random),
    )
    path = pathlib.Path(__file__).parent.parent / "test/golden/evaluation.json"
    path.write_text(json.dumps(clean(out), separators=(",", ":")) + "\n")


main()
