import type { JSX } from 'preact';
import type { DeskSettings } from '../../protocol/index.ts';
import { Button, toastDone } from '../components/index.ts';
import { count } from '../format.ts';
import { apiKey, setKey } from '../session.ts';

const STORES = { sqlite: 'SQLite, in a file', postgres: 'PostgreSQL' } as const;

/** What answers here. */
export function About({ settings }: { readonly settings: DeskSettings }): JSX.Element {
  const { version, model, models, store } = settings;
  return (
    <section class="card settings-card" aria-labelledby="settings-about">
      <header class="settings-head">
        <h2 id="settings-about">This server</h2>
      </header>
      <dl class="settings-facts">
        <dt>Undertone</dt>
        <dd>{version}</dd>
        <dt>Model</dt>
        <dd>
          {model.name} {model.version}, <span class="mono">{model.hash.replace('sha256:', '').slice(0, 12)}</span>
        </dd>
        <dt>Others to compare with</dt>
        <dd>{models.length === 0 ? 'none' : models.join(', ')}</dd>
        <dt>Store</dt>
        <dd>
          {store === null ? 'none' : STORES[store.kind]}
          {store !== null && store.droppedEvents > 0 && `; ${count(store.droppedEvents, 'event')} could not be kept`}
        </dd>
        <dt>API</dt>
        <dd>
          <a href="openapi.yaml">openapi.yaml</a>
        </dd>
      </dl>
      {apiKey.value !== null && (
        <div class="settings-actions">
          <Button
            icon="lock"
            onClick={() => {
              setKey(null);
              toastDone('This tab has forgotten the key.');
            }}
          >
            Forget the key
          </Button>
        </div>
      )}
    </section>
  );
}
