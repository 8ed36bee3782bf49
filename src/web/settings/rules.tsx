import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { RulesProblem, RulesText } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { ApiError, sentence } from '../api-error.ts';
import { Banner, Button, Dialog, Skeleton, toastDone, toastError } from '../components/index.ts';
import { supervisorName } from '../supervisor.tsx';
import { draft, EXAMPLES, inForce, isUnsaved, withExample } from './rules-draft.ts';
import { RulesEditor } from './rules-editor.tsx';
import { RulesTester } from './rules-tester.tsx';

/** The alert rules: written, tried on a call that is kept, and put in force without a restart. */
export function Rules(): JSX.Element {
  const problems = useSignal<readonly RulesProblem[]>([]);
  const failed = useSignal<unknown>(undefined);
  const busy = useSignal(false);
  /** What somebody else has put in force meanwhile. */
  const theirs = useSignal<RulesText | undefined>(undefined);
  const take = (rules: RulesText): void => {
    inForce.value = rules;
    problems.value = rules.problems ?? [];
  };
  const load = (): void => {
    failed.value = undefined;
    api.rules().then(take, (thrown: unknown) => {
      failed.value = thrown;
    });
  };
  useEffect(load, []);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      if (isUnsaved()) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, []);
  const known = inForce.value;
  const text = draft.value?.text ?? known?.text ?? '';
  const write = (next: string): void => {
    if (known !== undefined) draft.value = { text: next, revision: draft.value?.revision ?? known.revision };
  };
  const save = async (revision: string): Promise<void> => {
    if (busy.peek() || (await supervisorName()) === null) return;
    busy.value = true;
    try {
      take(await api.saveRules({ text, revision }));
      draft.value = undefined;
      theirs.value = undefined;
      toastDone('The rules are in force, for running calls too.');
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.status === 409) {
        theirs.value = await api.rules().catch((again: unknown) => {
          toastError(again);
          return undefined;
        });
      } else if (thrown instanceof ApiError && Array.isArray(thrown.details['problems'])) {
        problems.value = thrown.details['problems'] as readonly RulesProblem[];
      } else toastError(thrown);
    } finally {
      busy.value = false;
    }
  };
  return (
    <section class="card settings-card" aria-labelledby="settings-rules">
      <header class="settings-head">
        <h2 id="settings-rules">Alert rules</h2>
        <p class="soft">When a call needs somebody. A rule that is changed here holds for running calls at once.</p>
      </header>
      {failed.value !== undefined && (
        <Banner kind="error" action={<Button onClick={load}>Try again</Button>}>
          {sentence(failed.value)}
        </Banner>
      )}
      {known === undefined && failed.value === undefined && <Skeleton height={280} />}
      {known !== undefined && (
        <>
          <RulesEditor text={text} problems={problems.value} onChange={write} />
          <div class="settings-actions">
            <Button
              kind="primary"
              disabled={!isUnsaved() || busy.value}
              onClick={() => save(draft.value?.revision ?? known.revision)}
            >
              Put in force
            </Button>
            <Button
              disabled={!isUnsaved()}
              onClick={() => {
                draft.value = undefined;
                problems.value = known.problems ?? [];
              }}
            >
              Discard changes
            </Button>
            <span class="settings-examples">
              <span class="soft small">Add</span>
              {EXAMPLES.map(({ name, text: example }) => (
                <Button key={name} small onClick={() => write(withExample(text, example))}>
                  {name}
                </Button>
              ))}
            </span>
            {isUnsaved() && <span class="settings-unsaved small">not in force yet</span>}
          </div>
          <RulesTester
            text={text}
            onProblems={(found) => {
              problems.value = found;
            }}
          />
        </>
      )}
      {theirs.value !== undefined && (
        <Conflict
          theirs={theirs.value}
          onClose={() => {
            theirs.value = undefined;
          }}
          onTake={(rules) => {
            take(rules);
            draft.value = undefined;
            theirs.value = undefined;
          }}
          onOverwrite={(rules) => save(rules.revision)}
        />
      )}
    </section>
  );
}

/** Somebody else was quicker: whose rules shall hold? */
function Conflict(props: {
  readonly theirs: RulesText;
  readonly onClose: () => void;
  readonly onTake: (rules: RulesText) => void;
  readonly onOverwrite: (rules: RulesText) => void;
}): JSX.Element {
  return (
    <Dialog
      title="Somebody has changed the rules meanwhile"
      wide
      onClose={props.onClose}
      actions={
        <>
          <Button onClick={props.onClose}>Back to mine</Button>
          <Button onClick={() => props.onTake(props.theirs)}>Take theirs</Button>
          <Button kind="danger" onClick={() => props.onOverwrite(props.theirs)}>
            Overwrite with mine
          </Button>
        </>
      }
    >
      <p>These are in force now:</p>
      <pre class="settings-theirs">{props.theirs.text}</pre>
    </Dialog>
  );
}
