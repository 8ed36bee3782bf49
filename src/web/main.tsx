import { render } from 'preact';
import { App } from './app.tsx';
import { startRouter } from './router.ts';
import { applyTheme } from './theme.ts';

applyTheme();
startRouter();
const root = document.getElementById('app');
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
}
