/**
 * Pins the feature set: writes test/golden/features-fingerprint.json. Run it when test/features/feature-set.test.ts says
 * so, and train the models again.
 *
 *   npx esbuild scripts/golden-features-fingerprint.ts --bundle --platform=node --format=esm --packages=external --outfile=.cache/fingerprint.mjs
 *   node .cache/fingerprint.mjs
 */
import { writeFileSync } from 'node:fs';
import { fingerprint } from '../test/features/fingerprint.ts';

writeFileSync('test/golden/features-fingerprint.json', `${JSON.stringify(fingerprint())}\n`);
