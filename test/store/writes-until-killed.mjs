// Writes batches of a call without end, and says after each how many events are kept. Run by a test, which kills it.
const [, , module, url] = process.argv;
const { openStore } = await import(module);
const store = await openStore(url);
const channels = [{ name: 'caller', role: 'customer' }];
const model = { name: 'm', version: '1', hash: 'h', labels: ['anger'] };
const analysis = { windowMs: 3000, stepMs: 500, descriptors: [] };
const metadata = { caller: '1' };
const stream = { runId: 'r', streamId: 's', callId: 'killed', startedAtMs: 1000, model, analysis, channels, metadata };
await store.write([{ kind: 'opened', stream }]);
const event = (cursor) =>
  cursor % 10 === 9
    ? { type: 'mark', streamId: 's', cursor, name: `mark ${cursor}`, atMs: cursor * 100 }
    : {
        type: 'status',
        streamId: 's',
        cursor,
        code: 'gap',
        message: `noise ${Math.sin(cursor)}`,
        startMs: cursor * 100,
        endMs: cursor * 100,
      };
for (let cursor = 0; ; ) {
  const items = Array.from({ length: 100 }, (_, index) => ({
    kind: 'event',
    runId: 'r',
    atMs: 1000 + cursor + index,
    bytes: Buffer.from(JSON.stringify(event(cursor + index))),
  }));
  // The second batch is on its way when the first is said to be kept.
  cursor += items.length;
  await store.write(items);
  process.stdout.write(`${cursor}\n`);
}
