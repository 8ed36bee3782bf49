/** A request as it arrived at this server. */
export interface ArrivedRequest {
  /** Path and query, as in the request line. */
  readonly target: string;
  readonly host: string | undefined;
  /** Whether it arrived over TLS. */
  readonly encrypted: boolean;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface PublicUrlOptions {
  /** What the platform dials, with an empty path or a prefix that a proxy takes off: `wss://voice.example.com`. */
  readonly publicUrl?: string;
  /** Believe `X-Forwarded-Proto` and `X-Forwarded-Host`, which a proxy in front must set or remove. Default: no. */
  readonly trustProxy?: boolean;
}

/**
 * The URL that the platform dialled, with a WebSocket scheme: from the public URL that the operator has given, else from what the
 * proxy says if it is trusted, else from the request alone. `undefined` where no URL can be made of it.
 *
 * @example
 * dialledUrl({ target: '/v1/telephony/twilio', host: '10.0.0.7:8790', encrypted: false, headers: {} }, { publicUrl: 'https://voice.example.com' });
 * // 'wss://voice.example.com/v1/telephony/twilio'
 */
export function dialledUrl(request: ArrivedRequest, options: PublicUrlOptions = {}): string | undefined {
  // An absolute target (RFC 9112, section 3.2.2) or anything else that is no path would name a host of its own.
  if (!request.target.startsWith('/')) return undefined;
  if (options.publicUrl !== undefined) {
    const origin = parse(options.publicUrl);
    if (origin === undefined) return undefined;
    return `${scheme(origin.protocol)}//${origin.host}${origin.pathname.replace(/\/$/, '')}${request.target}`;
  }
  const forwarded = (name: string): string | undefined =>
    options.trustProxy === true ? first(request.headers[name]) : undefined;
  const host = forwarded('x-forwarded-host') ?? request.host;
  const protocol = forwarded('x-forwarded-proto') ?? (request.encrypted ? 'https' : 'http');
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host)) return undefined;
  const url = `${scheme(`${protocol}:`)}//${host}${request.target}`;
  return parse(url) === undefined ? undefined : url;
}

const scheme = (protocol: string): string => (protocol === 'https:' || protocol === 'wss:' ? 'wss:' : 'ws:');

/** The first of a list: the proxy nearest to the platform. */
function first(header: string | readonly string[] | undefined): string | undefined {
  const text = typeof header === 'string' ? header : header?.[0];
  return text?.split(',', 1)[0]?.trim() || undefined;
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
