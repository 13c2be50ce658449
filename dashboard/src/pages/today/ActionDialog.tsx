import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { Button, Dialog, momentIn, TextField, useZone } from '../../parts';
import { snoozes } from './snoozes';
import { whom, type Actions } from './useActions';
import { DISMISSALS, OUTCOMES } from './words';
import type { Row } from './toDo';
import styles from './Today.module.css';

/** What is asked about which recommendation. */
export interface Asking {
  readonly what: 'complete' | 'snooze' | 'dismiss';
  readonly row: Row;
}

const TITLES: Readonly<Record<Asking['what'], string>> = {
  complete: 'What came of it?',
  snooze: 'When should it come back?',
  dismiss: 'Why not?',
};

interface ActionDialogProps {
  readonly asking: Asking;
  readonly actions: Actions;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

interface Choice {
  readonly label: string;
  readonly note?: string;
  readonly act: () => void;
}

/** Asks for the one thing that an action needs; number keys choose. */
export function ActionDialog({ asking: { what, row }, actions, onDone, onClose }: ActionDialogProps) {
  const zone = useZone();
  const [now] = useState(() => new Date());
  const done = (act: () => void) => () => {
    act();
    onDone();
  };
  const choices: Readonly<Record<Asking['what'], readonly Choice[]>> = {
    complete: OUTCOMES.map(({ outcome, label, note }) => ({
      label,
      note,
      act: done(() => actions.complete(row, outcome)),
    })),
    snooze: snoozes(zone, now, row.expiresAt).map(({ label, until }) => ({
      label,
      note: momentIn(until, zone),
      act: done(() => actions.snooze(row, until)),
    })),
    dismiss: DISMISSALS.map((label) => ({ label, act: done(() => actions.dismiss(row, label)) })),
  };
  return (
    <Dialog title={`${TITLES[what]} – ${whom(row)}`} isOpen onClose={onClose}>
      <Choices choices={choices[what]}>
        {what === 'dismiss' && (
          <OtherReason onSend={(reason) => done(() => actions.dismiss(row, reason))()} />
        )}
      </Choices>
    </Dialog>
  );
}

function Choices({
  choices,
  children,
}: {
  readonly choices: readonly Choice[];
  readonly children: ReactNode;
}) {
  const listen = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement) return;
    choices[Number(event.key) - 1]?.act();
  };
  return (
    // The keys are shortcuts of the buttons within.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={styles.choices} onKeyDown={listen}>
      {choices.map(({ label, note, act }, index) => (
        // eslint-disable-next-line jsx-a11y/no-autofocus -- a dialog that was asked for
        <Button key={label} onPress={act} autoFocus={index === 0}>
          <kbd>{index + 1}</kbd>
          <span className={styles.choice}>{label}</span>
          {note !== undefined && <span className={styles.soft}>{note}</span>}
        </Button>
      ))}
      {children}
    </div>
  );
}

const LONGEST_REASON = 500;

function OtherReason({ onSend }: { readonly onSend: (reason: string) => void }) {
  const [reason, setReason] = useState('');
  const given = reason.trim();
  return (
    <form
      className={styles.other}
      onSubmit={(event) => {
        event.preventDefault();
        if (given) onSend(given);
      }}
    >
      <TextField label="Another reason" value={reason} onChange={setReason} maxLength={LONGEST_REASON} />
      <Button type="submit" isDisabled={!given}>
        Dismiss
      </Button>
    </form>
  );
}
