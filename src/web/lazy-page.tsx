import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button, EmptyState, Loading } from './components/index.ts';

/** A page that is fetched when it is first opened; what cannot be fetched says so. */
export function LazyPage<P extends object>(props: {
  readonly load: () => Promise<ComponentType<P>>;
  readonly props: P;
}): JSX.Element {
  const [page, loaded] = useState<{ readonly Page: ComponentType<P> } | 'failed' | undefined>();
  useEffect(() => {
    let wanted = true;
    props.load().then(
      (Page) => wanted && loaded({ Page }),
      () => wanted && loaded('failed'),
    );
    return () => {
      wanted = false;
    };
  }, [props.load]);
  if (page === undefined) return <Loading what="the page" />;
  if (page === 'failed') {
    return (
      <EmptyState icon="offline" title="This part of the page could not be loaded">
        The server does not answer, or has another version of the page by now.{' '}
        <Button onClick={() => location.reload()}>Load the page again</Button>
      </EmptyState>
    );
  }
  return <page.Page {...props.props} />;
}
