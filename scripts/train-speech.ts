/**
 * Trains the speech detector and writes src/features/speech-weights.ts.
 *
 *   npx esbuild scripts/train-speech.ts --bundle --platform=node --format=esm --packages=external --outfile=dist/train-speech.mjs
 *   node dist/train-speech.mjs --corpus ravdess=DIR --corpus emodb=DIR … --noise PATH … --rooms DIR [--hold-out REGEXP] [--out FILE]
 *
 * A fifth of the speakers (the first fold of `speakerFolds`) is left out, for scripts/measure-speech.ts. `--hold-out`
 * also leaves out the noises whose path it matches. The same files and options give the same bytes.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { corpusSource } from '../src/training/clips.ts';
import { heldInSpeech, recordingsAt } from '../src/training/speech-recordings.ts';
import { SPEECH_TRAINING, trainSpeechDetector } from '../src/training/speech-train.ts';

const { values } = parseArgs({
  options: {
    corpus: { type: 'string', multiple: true, default: [] },
    noise: { type: 'string', multiple: true, default: [] },
    rooms: { type: 'string', multiple: true, default: [] },
    'hold-out': { type: 'string' },
    'clips-per-speaker': { type: 'string', default: '30' },
    'speech-scenes': { type: 'string', default: String(SPEECH_TRAINING.speechScenes) },
    'noise-scenes': { type: 'string', default: String(SPEECH_TRAINING.noiseScenes) },
    epochs: { type: 'string', default: String(SPEECH_TRAINING.epochs) },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'src/features/speech-weights.ts' },
  },
});

const began = performance.now();
const say = (line: string): void =>
  console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}`);

const speech = await heldInSpeech(values.corpus.map(corpusSource), Number(values['clips-per-speaker']));
const held = values['hold-out'] === undefined ? undefined : new RegExp(values['hold-out']);
const noises = await recordingsAt(values.noise, (path) => !held?.test(path));
const rooms = await recordingsAt(values.rooms);
say(`${speech.length} speakers, ${noises.length} noises, ${rooms.length} rooms`);

const parameters = trainSpeechDetector(
  { speech, noises: noises.map(({ samples }) => samples), rooms: rooms.map(({ samples }) => samples) },
  {
    ...SPEECH_TRAINING,
    seed: Number(values.seed),
    speechScenes: Number(values['speech-scenes']),
    noiseScenes: Number(values['noise-scenes']),
    epochs: Number(values.epochs),
    onProgress: say,
  },
);

const numbers = [...parameters].map((value) => `${Number(value.toPrecision(4))},`);
const lines: string[] = [];
let line = ' ';
for (const number of numbers) {
  if (line.length + 1 + number.length > 120) {
    lines.push(line);
    line = ' ';
  }
  line += ` ${number}`;
}
lines.push(line);
writeFileSync(
  values.out,
  `// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: numbers that training found
// biome-ignore-all format: a table of numbers

/**
 * The speech detector's parameters, as \`SpeechNetwork\` lays them out. Written by scripts/train-speech.ts; do not edit.
 */
export const speechParameters: readonly number[] = [
${lines.join('\n')}
];
`,
);
say(`wrote ${values.out}`);
