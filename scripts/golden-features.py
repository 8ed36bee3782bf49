"""Golden values of the spectral descriptors, from numpy and scipy alone.

Writes test/golden/features.json: seeded signals at 16 kHz (float32, base64) and, for each 10 ms hop of each, the
descriptors from logMel0 to slope in the order of the row. Everything is computed the plain way, with dense matrices and
sorts, straight from the formulas of the docstrings in src/features.

    /usr/bin/python3 scripts/golden-features.py
"""

import base64
import json
import pathlib

import numpy as np
from scipy import fft, signal

RATE, HOP, FRAME, PITCH_FRAME, SIZE = 16_000, 160, 400, 640, 512
HOPS = 8
FREQUENCIES = np.arange(SIZE // 2 + 1) * RATE / SIZE


def signals():
    n = HOPS * HOP
    t = np.arange(n) / RATE
    noise = np.random.default_rng(20240229)
    yield "sine mix", 0.4 * np.sin(2 * np.pi * 220 * t) + 0.2 * np.sin(2 * np.pi * 1330 * t + 1) + 0.01 * np.cos(2 * np.pi * 5100 * t)
    yield "white noise", 0.1 * noise.standard_normal(n)
    yield "sweep", 0.5 * signal.chirp(t, f0=100, t1=t[-1], f1=7500)
    pulses = np.zeros(n)
    pulses[37::107] = 0.8
    yield "pulse train", pulses
    yield "noise over an offset", 0.25 + 0.002 * noise.standard_normal(n)
    yield "quiet noise", 3e-5 * noise.standard_normal(n)
    voice = signal.lfilter([1], [1, -1.6, 0.9], pulses) + 0.001 * noise.standard_normal(n)
    yield "filtered pulses", 0.1 * voice
    yield "full-scale square", np.where(np.sin(2 * np.pi * 125.5 * t) >= 0, 1.0, -1.0)
    silence_then_tone = np.zeros(n)
    silence_then_tone[n // 2 :] = 0.3 * np.sin(2 * np.pi * 700 * t[n // 2 :])
    yield "silence, then a tone", silence_then_tone
    yield "digital silence", np.zeros(n)
    yield "offset alone", np.full(n, 0.125)


def frames(samples):
    padded = np.concatenate([np.zeros(PITCH_FRAME - HOP), samples])
    return [padded[h * HOP : h * HOP + PITCH_FRAME] for h in range(len(samples) // HOP)]


def mel_matrix():
    mel = lambda hz: 2595 * np.log10(1 + hz / 700)
    edges = np.linspace(mel(50), mel(7600), 66)
    at = mel(FREQUENCIES)
    rows = []
    for low, peak, high in zip(edges[:-2], edges[1:-1], edges[2:]):
        rows.append(np.maximum(0, np.minimum((at - low) / (peak - low), (high - at) / (high - peak))))
    return np.array(rows)


MEL = mel_matrix()
HANN = signal.get_window("hann", FRAME, fftbins=True)


def chroma(power):
    names = np.zeros(12)
    for frequency, value in zip(FREQUENCIES, power):
        if 100 <= frequency <= 5000:
            midi = int(np.rint(69 + 12 * np.log2(frequency / 440)))
            names[midi % 12] += value
    return names / names.max() if names.max() > 0 else names


def contrast(power):
    """As librosa.feature.spectral_contrast(S=power, fmin=200, n_bands=6, quantile=0.02), without its top_db."""
    edges = np.concatenate([[0], 200 * 2.0 ** np.arange(7)])
    result = []
    for band in range(7):
        inside = (FREQUENCIES >= edges[band]) & (FREQUENCIES <= edges[band + 1])
        bins = np.flatnonzero(inside)
        if band > 0:
            inside[bins[0] - 1] = True
        if band == 6:
            inside[bins[-1] + 1 :] = True
        count = int(max(1, np.rint(0.02 * inside.sum())))
        values = power[inside]
        if band < 6:
            values = values[:-1]
        values = np.sort(values)
        decibels = lambda value: 10 * np.log10(max(1e-8, value))
        result.append(decibels(values[-count:].mean()) - decibels(values[:count].mean()))
    return result


def describe(frame, previous):
    x = frame[-FRAME:] - frame[-FRAME:].mean()
    mean_square = np.mean(x**2)
    if mean_square <= 1e-10:
        x, mean_square = np.zeros(FRAME), 0.0
    spectrum = np.abs(np.fft.rfft(x * HANN, SIZE))
    power = spectrum**2
    total = spectrum.sum()
    log_mel = np.log(np.maximum(MEL @ power, np.exp(-20)))
    mfcc = fft.dct(log_mel, type=2, norm="ortho")[:13]
    signs = np.where(x < 0, -1, 1)
    zcr = np.count_nonzero(np.diff(signs)) / (FRAME - 1)
    level = 10 * np.log10(mean_square) if mean_square > 0 else -100.0
    unit = spectrum / np.linalg.norm(spectrum) if total > 0 else spectrum
    if total > 0:
        centroid = np.average(FREQUENCIES, weights=spectrum)
        bandwidth = np.sqrt(np.average((FREQUENCIES - centroid) ** 2, weights=spectrum))
        rolloff = FREQUENCIES[np.flatnonzero(np.cumsum(spectrum) >= 0.85 * total)[0]]
        flatness = np.exp(np.mean(np.log(np.maximum(spectrum, 1e-4)))) / spectrum.mean()
    else:
        centroid = bandwidth = rolloff = flatness = 0.0
    flux = np.linalg.norm(unit - previous)
    voice_band = (FREQUENCIES >= 300) & (FREQUENCIES <= 3400)
    decibels = 10 * np.log10(np.maximum(power[voice_band], 1e-8))
    slope = np.polyfit(FREQUENCIES[voice_band] / 1000, decibels, 1)[0]
    row = [*log_mel, *mfcc, *chroma(power), *contrast(power), zcr, level, centroid, bandwidth, rolloff, flatness, flux, slope]
    return row, unit


def main():
    cases = []
    for name, values in signals():
        samples = values.astype(np.float32)
        previous = np.zeros(SIZE // 2 + 1)
        rows = []
        for frame in frames(samples.astype(np.float64)):
            row, previous = describe(frame, previous)
            rows.append([float(f"{value:.9g}") + 0.0 for value in row])
        cases.append({"name": name, "samples": base64.b64encode(samples.tobytes()).decode(), "rows": rows})
    path = pathlib.Path(__file__).parent.parent / "test/golden/features.json"
    made_by = f"scripts/golden-features.py, numpy {np.__version__}"
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    path.write_text(f'{{"madeBy":"{made_by}","cases":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
