import type { FittedClassifier, LabelledRows, TrainableClassifier } from '../classifiers/classifier.ts';
import type { ClassifierCost } from '../classifiers/cost-meter.ts';
import type { Clip } from '../clips.ts';
import type { ConditionName } from '../conditions.ts';
import type { PredictedStream } from '../decide.ts';
import type { JoinedStream } from '../joined-streams.ts';
import type { ClassLabel } from '../labels.ts';
import { clipTemperature, type JudgedClip } from './clip-temperature.ts';
import type { ProtocolFold } from './protocols.ts';
import type { StreamRows, WindowSource } from './window-source.ts';

/** What is measured: a classifier that is trained for each fold, or a finished model. */
export interface Contestant {
  /** In tables: `mlp`, or a model's name and version. */
  readonly name: string;
  /** Whatever changes what comes out but the fold and the seed; any JSON. */
  readonly key: unknown;
  /** Whether `train` trains. */
  readonly trained: boolean;
  /** Conditions of its training clips. */
  readonly trainedIn: readonly string[];
  /** What training and predicting took since this was asked last. */
  readonly cost?: () => ClassifierCost;
  prepare(conditions: readonly ConditionName[]): Promise<void>;
  train(
    fold: ProtocolFold,
    options: { readonly seed: number; readonly onProgress?: (share: number) => void },
  ): Promise<Ear>;
}

/** A classifier that is ready to hear streams. */
export interface Ear {
  readonly labels: readonly ClassLabel[];
  readonly parameters: number;
  readonly settings: Readonly<Record<string, number>>;
  readonly temperature: number;
  readonly curve: readonly { readonly loss: number; readonly ua?: number | undefined }[];
  /** The classifier before it was trained with the validation speakers, too: what settings are chosen with on their streams. */
  readonly search?: Ear | undefined;
  /** Clips, each as a stream that starts anew, with logits; undefined for what cannot be read. */
  clips(clips: readonly Clip[], condition: ConditionName): Promise<readonly (PredictedStream | undefined)[]>;
  streams(streams: readonly JoinedStream[], condition: ConditionName): Promise<readonly (HeardStream | undefined)[]>;
}

/** A long stream as it was heard. */
export interface HeardStream extends PredictedStream {
  readonly spansMs: StreamRows<unknown>['spansMs'];
}

export interface RetrainedOptions<Row> {
  readonly classifier: TrainableClassifier<Row>;
  readonly source: WindowSource<Row>;
  /** Conditions that clips are trained with in. */
  readonly trainedIn: readonly ConditionName[];
  /** Windows with a smaller share of speech are not trained with. */
  readonly minSpeechRatio: number;
}

/**
 * A classifier that is trained for each fold. Settings, the moment to stop and the temperature come from the validation speakers, who
 * are left out for that; then it is trained with them too. Nobody looks at the test speakers.
 */
export function retrained<Row>({ classifier, source, trainedIn, minSpeechRatio }: RetrainedOptions<Row>): Contestant {
  const labelled = async (clips: readonly Clip[]): Promise<LabelledRows<Row>> => {
    const rows: Row[] = [];
    const labels: ClassLabel[] = [];
    for (const condition of trainedIn) {
      const streams = await source.clips(clips, condition);
      streams.forEach((stream, index) => {
        stream?.rows.forEach((row, window) => {
          if (stream.speechRatio[window]! < minSpeechRatio) return;
          rows.push(row);
          labels.push(clips[index]!.label);
        });
      });
    }
    return { rows, labels };
  };
  return {
    name: classifier.name,
    key: { classifier: classifier.name, variant: classifier.variant, source: source.key, trainedIn, minSpeechRatio },
    trained: true,
    trainedIn,
    prepare: async (conditions) => source.prepare?.([...new Set([...trainedIn, ...conditions])]),
    async train({ train, validation }, { seed, onProgress }) {
      const known = new Set(train.map(({ label }) => label));
      const judges = validation.filter(({ label }) => known.has(label));
      const [some, held] = [await labelled(train), await labelled(judges)];
      const half =
        (offset: number) =>
        (share: number): void =>
          onProgress?.(offset + share / 2);
      const search = await classifier.fit(some.rows, some.labels, {
        seed: `${seed} search`,
        ...(held.rows.length > 0 && { validation: held }),
        onProgress: half(0),
      });
      const temperature = clipTemperature(
        await judged(judges, await source.clips(judges, 'clean'), search),
        search.labels.length,
      );
      const final =
        held.rows.length === 0
          ? search
          : await classifier.fit([...some.rows, ...held.rows], [...some.labels, ...held.labels], {
              seed: `${seed} train`,
              settings: search.settings,
              onProgress: half(0.5),
            });
      const curve = search.curve ?? [];
      if (held.rows.length === 0) return earOf(final, source, temperature, curve);
      return { ...earOf(final, source, temperature, curve), search: earOf(search, source, temperature, curve) };
    },
  };
}

async function judged<Row>(
  clips: readonly Clip[],
  streams: readonly (StreamRows<Row> | undefined)[],
  classifier: FittedClassifier<Row>,
): Promise<JudgedClip[]> {
  return heard(streams, classifier).flatMap((stream, index) => {
    const truth = classifier.labels.indexOf(clips[index]!.label);
    return stream === undefined || truth < 0 ? [] : [{ stream, truth }];
  });
}

function earOf<Row>(
  classifier: FittedClassifier<Row>,
  source: WindowSource<Row>,
  temperature: number,
  curve: Ear['curve'],
): Ear {
  const { labels, parameters, settings } = classifier;
  return {
    labels,
    parameters,
    settings,
    temperature,
    curve,
    clips: async (clips, condition) => heard(await source.clips(clips, condition), classifier),
    streams: async (streams, condition) => heard(await source.streams(streams, condition), classifier),
  };
}

/** All windows go through the classifier in one call. */
export function heard<Row>(
  streams: readonly (StreamRows<Row> | undefined)[],
  classifier: Pick<FittedClassifier<Row>, 'labels' | 'predict'>,
): (HeardStream | undefined)[] {
  const { labels } = classifier;
  const logits = classifier.predict(streams.flatMap((stream) => stream?.rows ?? []));
  let at = 0;
  return streams.map((stream) => {
    if (stream === undefined) return undefined;
    const { endMs, speechRatio, spansMs, rows } = stream;
    const from = at;
    at += rows.length * labels.length;
    return { endMs, speechRatio, spansMs, logits: logits.slice(from, at) };
  });
}
