import type { JSX } from 'preact';

export function CallPage({ callId }: { readonly callId: string }): JSX.Element {
  return <h1>Call {callId}</h1>;
}
