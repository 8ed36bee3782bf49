#!/usr/bin/env node
// Makes examples/demo-call.wav: a two-sided telephone call, 8 kHz stereo mu-law, left the customer, right the employee.
//
//     node scripts/make-demo-call.mjs [PATH]
//
// Needs espeak-ng (the voices) and sox (the telephone band). The same versions give the same bytes: nothing is random but
// the line noise, and that is seeded. The voices are synthetic: rate, pitch, range and loudness rise and fall as the
// script says, which shows the mechanics of a timeline and proves nothing about emotion.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const RATE_HZ = 8_000;
const LINE_NOISE_DB = -66;
const CUSTOMER = { channel: 0, voice: 'en-us+f3' };
const EMPLOYEE = { channel: 1, voice: 'en-gb+m3' };
const ENGINEER = { channel: 1, voice: 'en-gb-scotland+f5' };

/**
 * Who says what, and how: words a minute, pitch (50 is the voice's own), pitch range, RMS level of the line in dB re full
 * scale, and the pause since the line before in ms (negative: an interruption).
 */
const screenplay = [
  say(EMPLOYEE, 400, 'Good morning, Harbour Broadband, Tom speaking.', { rate: 175, pitch: 40 }),
  say(CUSTOMER, 500, 'Hello. My internet has been down since Monday.', { rate: 165, pitch: 48 }),
  say(EMPLOYEE, 450, 'I am sorry to hear that. May I have your customer number?', { rate: 175, pitch: 40 }),
  say(CUSTOMER, 350, 'I gave it to the last two people I spoke to. Four one seven nine two.', {
    rate: 195,
    pitch: 58,
    range: 70,
    levelDb: -21,
  }),
  say(EMPLOYEE, 900, 'Thank you. I can see the fault on your line.', { rate: 170, pitch: 38 }),
  say(CUSTOMER, -350, 'You said that on Tuesday! And on Wednesday! Nobody came, and I still pay for it!', {
    rate: 235,
    pitch: 80,
    range: 95,
    levelDb: -18.5,
  }),
  say(EMPLOYEE, -700, 'I understand, and I apologise.', { rate: 165, pitch: 36 }),
  say(CUSTOMER, 150, 'No, you do not! I work from home, I have lost three whole days!', {
    rate: 240,
    pitch: 88,
    range: 99,
    levelDb: -18,
  }),
  say(EMPLOYEE, 700, 'You are right. I have our engineer on the line.', { rate: 165, pitch: 38 }),
  say(ENGINEER, 500, 'Hello, Maya here. I will be with you today, and this month is free.', {
    rate: 175,
    pitch: 50,
  }),
  say(CUSTOMER, 900, 'Today? All right. That is good to hear. Thank you.', { rate: 155, pitch: 44 }),
  say(EMPLOYEE, 400, 'Thank you for your patience.', { rate: 170, pitch: 40 }),
  say(CUSTOMER, 350, 'Bye.', { rate: 160, pitch: 46 }),
];

function say(who, pauseMs, text, { rate, pitch, range = 50, levelDb = -24 }) {
  return { ...who, pauseMs, text, rate, pitch, range, levelDb };
}

/** One line as 8 kHz samples in the telephone band (300 to 3400 Hz), at its level. */
function speak({ voice, rate, pitch, range, text, levelDb }) {
  const ssml = `<speak><prosody range="${range * 2}%">${text}</prosody></speak>`;
  const wav = execFileSync('espeak-ng', ['-m', '-z', '-v', voice, '-s', `${rate}`, '-p', `${pitch}`, '--stdout', ssml]);
  const band = ['gain', '-6', 'rate', '-v', `${RATE_HZ}`, 'sinc', '300-3400'];
  const raw = execFileSync('sox', ['-D', '-t', 'wav', '--ignore-length', '-', '-t', 'f32', '-', ...band], {
    input: wav,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const samples = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
  const rms = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
  return samples.map((value) => (value / rms) * 10 ** (levelDb / 20));
}

/** G.711 mu-law of a sample from -1 to 1 (ITU-T G.711, the 14-bit scale in its usual 16-bit form). */
function muLaw(sample) {
  const linear = Math.round(Math.max(-1, Math.min(1, sample)) * 32_635);
  const magnitude = Math.min(32_635, Math.abs(linear)) + 132;
  const exponent = Math.floor(Math.log2(magnitude)) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 15;
  return ~((linear < 0 ? 128 : 0) | (exponent << 4) | mantissa) & 255;
}

function wavOfMuLaw(data, channels) {
  const header = Buffer.alloc(58);
  header.write('RIFF', 0);
  header.writeUInt32LE(50 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(18, 16); // fmt chunk
  header.writeUInt16LE(7, 20); // WAVE_FORMAT_MULAW
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(RATE_HZ, 24);
  header.writeUInt32LE(RATE_HZ * channels, 28);
  header.writeUInt16LE(channels, 32);
  header.writeUInt16LE(8, 34);
  header.writeUInt16LE(0, 36);
  header.write('fact', 38);
  header.writeUInt32LE(4, 42);
  header.writeUInt32LE(data.length / channels, 46);
  header.write('data', 50);
  header.writeUInt32LE(data.length, 54);
  return Buffer.concat([header, data]);
}

let endOfLine = 0;
const placed = screenplay.map((line) => {
  const samples = speak(line);
  const start = endOfLine + Math.round((line.pauseMs * RATE_HZ) / 1000);
  endOfLine = start + samples.length;
  return { ...line, samples, start };
});
const length = endOfLine + RATE_HZ / 2; // half a second of quiet at the end
const data = Buffer.alloc(length * 2);
let seed = 20_240_501;
const noise = () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0; // a linear congruential generator, Numerical Recipes
  return (seed / 2 ** 31 - 1) * Math.sqrt(3) * 10 ** (LINE_NOISE_DB / 20); // uniform, RMS of LINE_NOISE_DB
};
for (const channel of [0, 1]) {
  const track = new Float32Array(length).map(noise);
  for (const line of placed.filter((each) => each.channel === channel)) {
    line.samples.forEach((value, index) => {
      track[line.start + index] += value;
    });
  }
  track.forEach((value, index) => {
    data[index * 2 + channel] = muLaw(value);
  });
}
const path = process.argv[2] ?? resolve(import.meta.dirname, '../examples/demo-call.wav');
writeFileSync(path, wavOfMuLaw(data, 2));
for (const { channel, start, samples, text } of placed) {
  console.log(
    `${(start / RATE_HZ).toFixed(2).padStart(6)} to ${((start + samples.length) / RATE_HZ).toFixed(2).padStart(5)} s  ${channel === 0 ? 'customer' : 'employee'}  ${text}`,
  );
}
console.log(`${path}: ${(length / RATE_HZ).toFixed(1)} s, ${length * 2 + 58} bytes`);
