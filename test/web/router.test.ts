import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callHref, parseRoute } from '../../src/web/router.ts';

describe('the address of a page', () => {
  it.each([
    ['', 'floor'],
    ['#', 'floor'],
    ['#/', 'floor'],
    ['#/?emotion=anger', 'floor'],
    ['#/try', 'try'],
    ['#/history?text=a', 'history'],
    ['#/settings/', 'settings'],
    ['#/settings/more', 'nowhere'],
    ['#/calls', 'nowhere'],
    ['#/calls/', 'nowhere'],
    ['#/calls/a/b', 'nowhere'],
    ['#/calls/%E0%A4%A', 'nowhere'],
    ['#/else', 'nowhere'],
  ])('%j is of %s', (hash, page) => {
    expect(parseRoute(hash).page).toBe(page);
  });

  it('of a call holds any id and the moment it opens at', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat(), (callId, atMs) => {
        const route = parseRoute(callHref(callId, atMs));
        expect(route).toMatchObject({ page: 'call', callId });
        expect(route.query.get('at')).toBe(String(atMs));
      }),
    );
  });
});
