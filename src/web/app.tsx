import { useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Button, EmptyState, Icon, type IconName } from './components/index.ts';
import { Toasts } from './components/toast.tsx';
import { news, waitingAlerts } from './floor/floor.ts';
import { followFloor } from './floor/follow-floor.ts';
import { FloorPage } from './floor/page.tsx';
import { KeyForm } from './key-form.tsx';
import { LazyPage } from './lazy-page.tsx';
import { type Route, route } from './router.ts';
import { keyWanted, supervisor } from './session.ts';
import { askSupervisor, SupervisorDialog } from './supervisor.tsx';
import { setTheme, THEMES, type Theme, theme } from './theme.ts';

const loadCall = () => import('./call/page.tsx').then((module) => module.CallPage);
const loadTry = () => import('./try/page.tsx').then((module) => module.TryPage);
const loadHistory = () => import('./history/page.tsx').then((module) => module.HistoryPage);
const loadSettings = () => import('./settings/page.tsx').then((module) => module.SettingsPage);

const NAVIGATION: readonly {
  readonly page: Route['page'];
  readonly href: string;
  readonly text: string;
  readonly icon: IconName;
}[] = [
  { page: 'floor', href: '#/', text: 'Floor', icon: 'floor' },
  { page: 'history', href: '#/history', text: 'History', icon: 'history' },
  { page: 'try', href: '#/try', text: 'Try it', icon: 'microphone' },
  { page: 'settings', href: '#/settings', text: 'Settings', icon: 'settings' },
];

const TITLES: Readonly<Record<Route['page'], string>> = {
  floor: 'Floor',
  call: 'Call',
  try: 'Try it',
  history: 'History',
  settings: 'Settings',
  nowhere: 'Not found',
};

const THEME_LOOKS: Readonly<Record<Theme, { readonly icon: IconName; readonly text: string }>> = {
  auto: { icon: 'auto', text: 'Theme: as the system' },
  light: { icon: 'sun', text: 'Theme: light' },
  dark: { icon: 'moon', text: 'Theme: dark' },
};

export function App(): JSX.Element {
  const main = useRef<HTMLElement>(null);
  const here = route.value;
  const place = here.page === 'call' ? `call ${here.callId}` : here.page;
  const first = useRef(true);
  useSignalEffect(() => {
    const waiting = waitingAlerts.value;
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${TITLES[route.value.page]} · Undertone`;
  });
  // The floor is followed wherever the supervisor is: alerts are told of on every page.
  const locked = keyWanted.value;
  useEffect(() => {
    if (locked) return;
    return followFloor();
  }, [locked]);
  // A new place takes the focus, as a new page would.
  useEffect(() => {
    if (first.current) first.current = false;
    else {
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  }, [place]);
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <header class="topbar">
        <a class="brand" href="#/">
          <Brand />
          Undertone
        </a>
        <nav class="nav" aria-label="Pages">
          {NAVIGATION.map(({ page, href, text, icon }) => (
            <a key={page} href={href} {...(page === here.page ? { 'aria-current': 'page' as const } : {})}>
              <Icon name={icon} />
              {text}
              {page === 'floor' && <WaitingCount />}
            </a>
          ))}
        </nav>
        <div class="topbar-end">
          <Button
            kind="quiet"
            icon="person"
            label={supervisor.value === null ? 'Say who you are' : `You are ${supervisor.value}; change`}
            onClick={() => {
              askSupervisor();
            }}
          />
          <ThemeButton />
        </div>
      </header>
      <main id="main" ref={main} class="page" tabIndex={-1}>
        {keyWanted.value ? <KeyForm /> : <Page key={place} here={here} />}
      </main>
      <div class="unseen" role="log" aria-live="polite" aria-label="New alerts">
        {news.sentence}
      </div>
      <SupervisorDialog />
      <Toasts />
    </div>
  );
}

function Page({ here }: { readonly here: Route }): JSX.Element {
  switch (here.page) {
    case 'floor':
      return <FloorPage />;
    case 'call':
      return <LazyPage load={loadCall} props={{ callId: here.callId }} />;
    case 'try':
      return <LazyPage load={loadTry} props={{}} />;
    case 'history':
      return <LazyPage load={loadHistory} props={{}} />;
    case 'settings':
      return <LazyPage load={loadSettings} props={{}} />;
    case 'nowhere':
      return (
        <EmptyState icon="search" title="There is no such page">
          The address leads nowhere. <a href="#/">Go to the floor</a>
        </EmptyState>
      );
  }
}

function WaitingCount(): JSX.Element | null {
  const waiting = waitingAlerts.value;
  if (waiting === 0) return null;
  return (
    <span class="nav-count">
      {waiting}
      <span class="unseen"> alerts wait</span>
    </span>
  );
}

function ThemeButton(): JSX.Element {
  const { icon, text } = THEME_LOOKS[theme()];
  const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length] ?? 'auto';
  return <Button kind="quiet" icon={icon} label={text} onClick={() => setTheme(next)} />;
}

/** Two voices, one under the other. */
function Brand(): JSX.Element {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      aria-hidden="true"
    >
      <path d="M3 9.500c3-5.300 6-5.300 9 0s6 5.300 9 0" />
      <path d="M3 16.500c3-2.700 6-2.700 9 0s6 2.700 9 0" opacity="0.500" />
    </svg>
  );
}
