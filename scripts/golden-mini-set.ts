/**
 * The made-up clips that a model is re-evaluated on by test/training/evaluation/shipped-model.test.ts.
 *
 * Without an argument it writes test/golden/mini-set.json: the descriptors of the clips of test/golden/mini-set-clips.ts. With
 * a model's folder it writes what the model makes of them into that folder's metrics.json, as `miniSet`: to be run whenever
 * the model was trained anew.
 *
 *   npm run pin:mini-set
 *   npm run pin:mini-set -- models/default
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModel } from '../src/inference/index.ts';
import { miniSetFigures, miniSetJson, readMiniSet } from '../src/training/evaluation/mini-set.ts';
import { reportJson, type TrainingReport } from '../src/training/training-report.ts';
import { miniSetClips } from '../test/golden/mini-set-clips.ts';

const SET = 'test/golden/mini-set.json';
const [folder] = process.argv.slice(2);

if (folder === undefined) {
  writeFileSync(SET, miniSetJson(miniSetClips()));
} else {
  const model = await loadModel(folder, { runtime: 'tfjs-wasm' });
  const path = join(folder, 'metrics.json');
  const report = JSON.parse(readFileSync(path, 'utf8')) as TrainingReport;
  const miniSet = miniSetFigures(model, readMiniSet(readFileSync(SET, 'utf8')));
  writeFileSync(path, reportJson({ ...report, miniSet }));
  console.log(`${path}: what ${model.manifest.name} ${model.manifest.version} makes of ${miniSet.clips} made-up clips`);
  model.dispose();
}
