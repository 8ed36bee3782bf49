/** What platforms show to be let in, besides the API key. */
export interface TelephonySecrets {
  /** Twilio auth tokens: requests are taken that carry Twilio's signature with one of them. */
  readonly twilioAuthTokens?: readonly string[];
  /** AudioHook: the client secret, in base64, of every API key of an integration; empty for one without. */
  readonly audiohookKeys?: Readonly<Record<string, string>>;
  /** `user:password`, for platforms that send HTTP Basic: jambonz, FreeSWITCH and Asterisk. */
  readonly basicAuth?: readonly string[];
}

/** A port for Asterisk's AudioSocket. */
export interface AudioSocketOptions {
  /** 0: a free one. */
  readonly port: number;
  /** Default `127.0.0.1`: AudioSocket has neither keys nor encryption. */
  readonly host?: string;
  /** What holds for every connection of this port, as in a URL: `roles=customer`. */
  readonly query?: string;
}

export interface TelephonyOptions extends TelephonySecrets {
  /** What platforms dial where a proxy stands between: `wss://voice.example.com`, with a prefix that the proxy takes off. */
  readonly publicUrl?: string;
  /** Believe `X-Forwarded-Proto` and `X-Forwarded-Host`, which a proxy in front must set or remove. Default: no. */
  readonly trustProxy?: boolean;
  readonly audioSockets?: readonly AudioSocketOptions[];
}
