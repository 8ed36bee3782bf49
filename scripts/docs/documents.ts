import { asyncApi } from './asyncapi.ts';
import { corporaPage } from './corpora-page.ts';
import { errorsPage } from './errors-page.ts';
import { messageSchemas } from './json-schemas.ts';
import { openApi } from './openapi.ts';

/** The version of the wire protocol; a field that is added changes its last number. */
const VERSION = '1.0.0';

/** Every document that is made from the code: its path from the root of the project, and its text. */
export function documents(root: string): ReadonlyMap<string, string> {
  const schemas = messageSchemas(root);
  const { error = {} } = schemas.server;
  const files = new Map<string, string>([
    ['docs/asyncapi.yaml', asyncApi(schemas, VERSION)],
    ['docs/openapi.yaml', openApi(root, error, VERSION)],
    ['docs/errors.md', errorsPage(root)],
    ['docs/corpora.md', corporaPage()],
  ]);
  for (const side of ['client', 'server'] as const) {
    for (const [type, schema] of Object.entries(schemas[side])) {
      const $id = `urn:undertone:v1:${side}:${type}`;
      const whole = { $schema: 'https://json-schema.org/draft/2020-12/schema', $id, ...schema };
      files.set(`docs/schemas/${side}.${type}.json`, `${JSON.stringify(whole, null, 2)}\n`);
    }
  }
  return files;
}
