/**
 * Pins the feature set: writes test/golden/features-fingerprint.json. Run it when test/features/feature-set.test.ts says
 * so, and train the models again.
 *
 *   npm run pin:features
 */
import { writeFileSync } from 'node:fs';
import { fingerprint } from '../test/features/fingerprint.ts';

writeFileSync('test/golden/features-fingerprint.json', `${JSON.stringify(fingerprint())}\n`);
