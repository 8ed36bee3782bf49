#!/usr/bin/env node
import { endWithReader } from './exit.ts';
import { run } from './program.ts';

endWithReader();
process.exitCode = await run(process.argv);
