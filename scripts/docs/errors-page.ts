import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorTable } from '../../src/errors.ts';

/** The table of errors as a page, under the headings of its source. */
export function errorsPage(root: string): string {
  const headings = readHeadings(root);
  const lines: string[] = [];
  for (const [code, { text, http, close, retryable }] of Object.entries(errorTable)) {
    const heading = headings.get(code);
    if (heading !== undefined) {
      lines.push(
        '',
        `## ${heading}`,
        '',
        '| code | what it says | HTTP | close code | later? |',
        '| --- | --- | --- | --- | --- |',
      );
    }
    const sentence = text.replace(/\|/g, '\\|').replace(/\{(\w+)\}/g, '*$1*');
    lines.push(`| \`${code}\` | ${sentence} | ${http} | ${close} | ${retryable ? 'yes' : 'no'} |`);
  }
  return `# Errors

Every error has a code, which stays the same, and a sentence that says what to do; words in italics are filled in. Over HTTP it is
the body of an answer with that status, over a WebSocket an event before the close:

\`\`\`json
{"type":"error","code":"not-json","message":"${errorTable['not-json'].text}","retryable":false}
\`\`\`

A socket of a telephony platform, which would take such a message for one of its own protocol, is closed with that code and with
\`code: sentence\` as its reason, cut to 123 bytes. Over Socket.IO it is the event \`error\`. Close codes from 4000 on are 4000 and the HTTP status. *Later* says
whether the same request may succeed at another time.

Generated from \`src/errors.ts\` by \`npm run docs\`.
${lines.join('\n')}
`;
}

/** The comments of the table that head its parts, each by the code that comes first under it. */
function readHeadings(root: string): ReadonlyMap<string, string> {
  const source = readFileSync(resolve(root, 'src/errors.ts'), 'utf8');
  const found = source.matchAll(/^ {2}\/\/ (.+)\n {2}'?([\w-]+)'?: \{/gm);
  return new Map([...found].map(([, heading = '', code = '']) => [code, heading]));
}
