// Streams a recording to a server and prints what is heard: node examples/client.mjs call.wav ws://127.0.0.1:8790
import { openRecording } from 'undertone';
import { connect } from 'undertone/client';

const [path = 'examples/demo-call.wav', url = 'ws://127.0.0.1:8790'] = process.argv.slice(2);
const recording = await openRecording(path);
const stream = await connect(url).stream({ format: recording.format });
stream.windows$.subscribe(({ endMs, channelName, label, score }) => {
  console.log(`${endMs / 1000} s  ${channelName}  ${label} ${score}`);
});
for await (const chunk of recording.chunks(320)) await stream.send(chunk);
console.log(await stream.stop());
