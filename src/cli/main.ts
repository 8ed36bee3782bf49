#!/usr/bin/env node
import { complain, endWithReader, failureOf } from './exit.ts';
import { run } from './program.ts';

endWithReader();
process.on('uncaughtException', (thrown) => {
  complain(failureOf(thrown).message, thrown);
  process.exit(failureOf(thrown).status);
});
process.exitCode = await run(process.argv);
