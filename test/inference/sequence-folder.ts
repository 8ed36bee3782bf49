import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MEL_BANDS } from '../../src/features/index.ts';
import { type ModelManifest, type SequenceShape, sequenceFiles } from '../../src/inference/index.ts';
import { LABELS, manifestFor } from './model-folder.ts';
import { someWeights } from './sequence-tools.ts';

/** A small network of the inputs that the real one has. */
export const SERVED: SequenceShape = {
  inputs: [
    ...Array.from({ length: MEL_BANDS }, (_, band) => ({ descriptor: `logMel${band}`, adapt: 0.5 })),
    { descriptor: 'f0Semitones', adapt: 1 },
    { descriptor: 'voicing', adapt: 0 },
    { descriptor: 'levelDb', adapt: 1 },
  ],
  width: 16,
  dilations: [1, 2, 3, 4],
  attention: 8,
  classes: LABELS.length,
};

/** Two networks, whose logits are averaged. */
export const MEMBERS: readonly Float32Array[] = [someWeights(SERVED, 'first'), someWeights(SERVED, 'second')];

export function sequenceManifest(files: Readonly<Record<string, string | Buffer>>): ModelManifest {
  return {
    ...manifestFor(files),
    kind: 'sequence',
    normalisation: {
      mean: SERVED.inputs.map(({ descriptor }) => ({ f0Semitones: 30, voicing: 0.5, levelDb: -30 })[descriptor] ?? -5),
      deviation: SERVED.inputs.map(
        ({ descriptor }) => ({ f0Semitones: 5, voicing: 0.3, levelDb: 10 })[descriptor] ?? 3,
      ),
      clip: 5,
    },
  };
}

/** Writes the folder of a sequence network with random weights; `change` edits the manifest, `damage` files before they are hashed. */
export function sequenceFolder(
  change: (manifest: ModelManifest) => object = (manifest) => manifest,
  damage: (files: Record<string, string | Buffer>) => void = () => {},
): string {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-sequence-'));
  const files = Object.fromEntries(
    Object.entries(sequenceFiles(SERVED, MEMBERS)).map(([name, content]) => [
      name,
      typeof content === 'string' ? content : Buffer.from(content),
    ]),
  );
  damage(files);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(change(sequenceManifest(files))));
  return folder;
}

export const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
