import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { answer, COMMON_HEADERS } from './answer.ts';

/** Nothing from elsewhere, nothing inline; the page talks to the server that it came from. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' blob:",
  "worker-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...COMMON_HEADERS,
  'Content-Security-Policy': PAGE_POLICY,
  'Permissions-Policy': 'microphone=(self)',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
  // Asked for anew every time, answered with 304 as long as it is the same.
  'Cache-Control': 'no-cache',
  Vary: 'Accept-Encoding',
};

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
  '.wav': 'audio/wav',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};
const COMPRESSED = new Set(['.html', '.js', '.css', '.svg', '.json', '.map', '.webmanifest', '.wasm', '.txt']);

/** A name of a file: no dots before it, no steps upwards, nothing that any system takes for more than a name. */
const FILE_PATH = /^\/(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

interface PageFile {
  readonly modified: string;
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzip: Buffer | undefined;
  readonly brotli: Buffer | undefined;
  readonly etag: string;
}

/** The files of the page, from one folder. Each is read once, and again when it has changed. */
export class Page {
  readonly #folder: string;
  readonly #files = new Map<string, PageFile>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The answer to a request for a path, decoded; `undefined` where there is no such file. */
  async answer(
    path: string,
    headers: { readonly etags?: string | undefined; readonly encodings?: string | undefined },
  ): Promise<Response | undefined> {
    const file = await this.#file(path === '/' ? '/index.html' : path);
    if (file === undefined) return undefined;
    const { etag } = file;
    if (matches(headers.etags, etag))
      return new Response(null, { status: 304, headers: { ...PAGE_HEADERS, ETag: etag } });
    const { bytes, encoding } = encoded(file, headers.encodings ?? '');
    return answer(200, bytes, {
      ...PAGE_HEADERS,
      ETag: etag,
      'Content-Type': file.type,
      ...(encoding !== undefined && { 'Content-Encoding': encoding }),
    });
  }

  async #file(path: string): Promise<PageFile | undefined> {
    if (!FILE_PATH.test(path)) return undefined;
    const type = MEDIA_TYPES[extname(path)];
    if (type === undefined) return undefined;
    const at = join(this.#folder, path);
    const found = await stat(at).catch(() => undefined);
    if (found === undefined || !found.isFile()) return undefined;
    const modified = `${found.mtimeMs}/${found.size}`;
    const known = this.#files.get(path);
    if (known?.modified === modified) return known;
    const bytes = await readFile(at).catch(() => undefined);
    if (bytes === undefined) return undefined;
    const worthIt = COMPRESSED.has(extname(path)) && bytes.length > 500;
    const [zipped, brotli] = worthIt
      ? await Promise.all([promisify(gzip)(bytes), promisify(brotliCompress)(bytes)])
      : [undefined, undefined];
    // Weak: the same in all its encodings.
    const etag = `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
    const file = { modified, type, bytes, gzip: zipped, brotli, etag };
    this.#files.set(path, file);
    return file;
  }
}

/** Whether `If-None-Match` names a tag; weakly, as RFC 9110, section 13.1.2 wants. */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const plain = (tag: string): string => tag.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((tag) => plain(tag) === plain(etag));
}

function encoded(file: PageFile, accepted: string): { readonly bytes: Buffer; readonly encoding?: string } {
  const takes = (name: string): boolean =>
    accepted.split(',').some((part) => {
      const [coding = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
      return coding === name && !parameters.some((each) => /^q=0(\.0*)?$/.test(each));
    });
  if (file.brotli !== undefined && takes('br')) return { bytes: file.brotli, encoding: 'br' };
  if (file.gzip !== undefined && takes('gzip')) return { bytes: file.gzip, encoding: 'gzip' };
  return { bytes: file.bytes };
}
