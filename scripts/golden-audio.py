#!/usr/bin/python3
"""Golden values of the audio room, made by independent tools: SoX (G.711, resampling) and ffmpeg (G.711).

    /usr/bin/python3 scripts/golden-audio.py     # needs sox and ffmpeg; writes test/golden/audio-*.json

G.711: the 16-bit value of all 256 codes as both tools decode them (the script fails when they differ), and for every
code the lowest 16-bit value that each tool encodes to it, from all 65,536 values.
Resampling: a sum of sines (its formula is in the file) through `sox rate -v`, 0.1 s from the middle.
"""
import base64, json, math, pathlib, struct, subprocess

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / 'test' / 'golden'


def run(command, data):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def version(tool):
    return subprocess.run([tool, '--version' if tool == 'sox' else '-version'], capture_output=True, text=True).stdout.splitlines()[0].strip()


def g711():
    codes = bytes(range(256))
    linear = list(range(-32768, 32768))
    pcm = struct.pack('<65536h', *linear)
    out = {'source': [version('sox'), version('ffmpeg')], 'script': 'scripts/golden-audio.py'}
    for law, sox in (('mulaw', 'ul'), ('alaw', 'al')):
        by_sox = run(['sox', '-D', '-t', sox, '-r', '8000', '-c', '1', '-', '-t', 's16', '-'], codes)
        by_ffmpeg = run(['ffmpeg', '-loglevel', 'error', '-f', law, '-ar', '8000', '-i', '-', '-f', 's16le', '-'], codes)
        assert by_sox == by_ffmpeg, law
        encoded = {
            'sox': run(['sox', '-D', '-t', 's16', '-r', '8000', '-c', '1', '-', '-t', sox, '-'], pcm),
            'ffmpeg': run(['ffmpeg', '-loglevel', 'error', '-f', 's16le', '-ar', '8000', '-i', '-', '-f', law, '-'], pcm),
        }
        lowest = {}
        for tool, codes_of in encoded.items():
            first = {}
            for value, code in zip(linear, codes_of):
                first.setdefault(code, value)
            lowest[tool] = [first.get(code) for code in range(256)]
        out[law] = {'values': list(struct.unpack('<256h', by_sox)), 'lowest': lowest}
    (GOLDEN / 'audio-g711.json').write_text(json.dumps(out) + '\n')


def resampling():
    cases = []
    for rate in (8000, 11025, 22050, 24000, 32000, 44100, 48000, 47999):
        nyquist = min(rate, 16000) / 2
        partials = [(round(nyquist * share), 0.15, phase) for share, phase in ((0.013, 0.3), (0.11, 1.1), (0.37, 2.3), (0.62, 0.7), (0.84, 1.9))]
        count = rate // 2
        signal = [sum(a * math.sin(2 * math.pi * f * i / rate + p) for f, a, p in partials) for i in range(count)]
        raw = struct.pack(f'<{count}f', *signal)
        form = ['-t', 'f32', '-c', '1']
        # -V1: no note on clipping; gain is 1. 32-bit float out, so that nothing is rounded to 16 bits.
        out = run(['sox', '-V1', '-D', *form, '-r', str(rate), '-', *form, '-r', '16000', '-', 'rate', '-v', '16000'], raw)
        samples = struct.unpack(f'<{len(out) // 4}f', out)
        middle = samples[3200:4800]
        cases.append({
            'fromHz': rate, 'partials': [{'hz': f, 'amplitude': a, 'phase': p} for f, a, p in partials], 'inputSamples': count,
            'outputSamples': len(samples), 'from': 3200,
            'float32Base64': base64.b64encode(struct.pack(f'<{len(middle)}f', *middle)).decode(),
        })
    text = {'source': version('sox') + ', rate -v 16000', 'script': 'scripts/golden-audio.py',
            'signal': 'sum of amplitude * sin(2 pi hz i / fromHz + phase), as float32', 'cases': cases}
    (GOLDEN / 'audio-resampler.json').write_text(json.dumps(text) + '\n')


if __name__ == '__main__':
    GOLDEN.mkdir(parents=True, exist_ok=True)
    g711()
    resampling()
