import { metadataOf } from './call-metadata.ts';
import { OPTION_PARAMETERS } from './url-options.ts';

const OPTIONS: readonly string[] = Object.values(OPTION_PARAMETERS);
/** A telephone number, bare or as URI, however it is grouped. */
const NUMBER = /^(?:tel:|sips?:)|^[+\d][\d\s().-]{6,}$/i;

/**
 * What a user lets a platform send along, as metadata: the flat entries of it, without what is told apart already, and without
 * telephone numbers, which platforms suggest to send along.
 */
export function headerMetadata(headers: unknown, without: readonly string[] = []): ReturnType<typeof metadataOf> {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return {};
  const kept = Object.entries(headers).filter(
    ([name, value]) => !without.includes(name) && !OPTIONS.includes(name) && !isNumber(value),
  );
  return metadataOf(Object.fromEntries(kept));
}

/** `callId`, `roles` and `channels` as custom parameters, where the platform has such. */
export const parameterOf =
  (headers: unknown) =>
  (name: keyof typeof OPTION_PARAMETERS): string | undefined => {
    if (typeof headers !== 'object' || headers === null || !Object.hasOwn(headers, OPTION_PARAMETERS[name]))
      return undefined;
    const value = (headers as Readonly<Record<string, unknown>>)[OPTION_PARAMETERS[name]];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };

const isNumber = (value: unknown): boolean =>
  (typeof value === 'string' && NUMBER.test(value.trim())) || (typeof value === 'number' && Math.abs(value) >= 1e7);
