import { UndertoneError } from '../../errors.ts';
import { featureSet } from '../../features/index.ts';
import type { ModelManifest, WindowModel } from '../../inference/index.ts';
import type { Clip } from '../clips.ts';
import { corpusNamed } from '../corpora.ts';
import type { HopRow } from '../sequence/hop-windows.ts';
import { predictRows } from '../sequence/predict-sequence.ts';
import type { WindowRow } from '../window-rows.ts';
import { type Contestant, heard } from './contestant.ts';
import type { WindowSource } from './window-source.ts';

/** A model as it is, with its own temperature. `parameters` are those of its network. */
export function finishedModel(model: WindowModel, source: WindowSource<WindowRow>, parameters: number): Contestant {
  return finished(model, source, parameters, (rows) => logitsOf(model, rows));
}

/** The same of a model that hears hops. */
export function finishedSequence(model: WindowModel, source: WindowSource<HopRow>, parameters: number): Contestant {
  const { sequence, manifest } = model;
  if (sequence === undefined) throw new TypeError(`${manifest.name} does not hear hops.`);
  return finished(model, source, parameters, (rows) => predictRows(sequence, manifest.labels.length, rows));
}

function finished<Row>(
  { manifest, hash }: WindowModel,
  source: WindowSource<Row>,
  parameters: number,
  predict: (rows: readonly Row[]) => Float32Array,
): Contestant {
  const classifier = { labels: manifest.labels, predict };
  const ear = {
    labels: manifest.labels,
    parameters,
    settings: {},
    temperature: manifest.calibration.temperature,
    curve: [],
    clips: async (...[clips, condition]: Parameters<WindowSource<Row>['clips']>) =>
      heard(await source.clips(clips, condition), classifier),
    streams: async (...[streams, condition]: Parameters<WindowSource<Row>['streams']>) =>
      heard(await source.streams(streams, condition), classifier),
  };
  return {
    name: `${manifest.name} ${manifest.version}`,
    key: { model: hash, source: source.key },
    trained: false,
    trainedIn: [],
    prepare: async (conditions) => source.prepare?.(conditions),
    train: async () => ear,
  };
}

const ROWS = 256;

function logitsOf(model: WindowModel, rows: readonly WindowRow[]): Float32Array {
  const { length } = featureSet;
  const classes = model.manifest.labels.length;
  const logits = new Float32Array(rows.length * classes);
  const features = new Float32Array(ROWS * length);
  for (let first = 0; first < rows.length; first += ROWS) {
    const part = rows.slice(first, first + ROWS);
    part.forEach(({ set, index }, place) => {
      features.set(set.features.subarray(index * length, (index + 1) * length), place * length);
    });
    logits.set(model.predict(features.subarray(0, part.length * length), part.length), first * classes);
  }
  return logits;
}

/**
 * Refuses to measure a model on speakers that it was trained with: the figures would say nothing of others.
 *
 * @throws `trained-on-test-speakers`.
 */
export function refuseHeardSpeakers(manifest: ModelManifest, test: readonly Clip[]): void {
  const heardBy = manifest.training.corpora.map(({ name, heard: speakers }) => ({
    corpus: corpusNamed(name)?.id ?? name,
    speakers: speakers === undefined ? undefined : new Set(speakers),
  }));
  const known = test.filter(({ corpus, speaker }) =>
    heardBy.some((of) => of.corpus === corpus && (of.speakers?.has(speaker) ?? true)),
  );
  if (known.length === 0) return;
  const speakers = [...new Set(known.map(({ speaker }) => speaker))];
  const named = speakers.slice(0, 3).join(', ') + (speakers.length > 3 ? ` and ${speakers.length - 3} more` : '');
  throw new UndertoneError('trained-on-test-speakers', { model: manifest.name, speakers: named });
}
