import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Button, Icon } from './components/index.ts';
import { apiKey, setKey } from './session.ts';

/** In place of a page while the server refuses the key, or the lack of one. */
export function KeyForm(): JSX.Element {
  const [key, change] = useState('');
  const refused = apiKey.value !== null;
  return (
    <form
      class="key-form card"
      onSubmit={(event) => {
        event.preventDefault();
        if (key.trim() !== '') setKey(key.trim());
      }}
    >
      <Icon name="lock" large />
      <h1>This server wants a key</h1>
      <p class="soft">
        It is the one that the server was started with (--api-key). It stays in this tab until it is closed.
      </p>
      <div class="field">
        <label for="api-key">API key</label>
        <input
          id="api-key"
          class="input"
          type="password"
          autocomplete="off"
          aria-invalid={refused}
          aria-describedby={refused ? 'api-key-refused' : undefined}
          value={key}
          onInput={(event) => change(event.currentTarget.value)}
        />
        {refused && (
          <p id="api-key-refused" class="small key-refused" role="alert">
            The server does not take this key.
          </p>
        )}
      </div>
      <Button kind="primary" submit>
        Open
      </Button>
    </form>
  );
}
