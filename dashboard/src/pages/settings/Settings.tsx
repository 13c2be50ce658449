import { useState } from 'react';
import { prefer, usePreference, type Preference } from '../../app/theme';
import { useViewer } from '../../app/viewer';
import { useChange, useRead } from '../../client';
import { SetDigestDocument, SettingsDocument, type SettingsQuery } from '../../gql/graphql';
import { momentIn, Page, Panel, Select, Shown, Switch, Time, toast, useZone } from '../../parts';
import { chooseZone, chosenZone, ownZone } from '../../parts/zone';
import { ZoneField } from './ZoneField';
import styles from './Settings.module.css';

const LOOKS: readonly { readonly value: Preference; readonly label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

const ROLES = {
  ADMIN: 'admin: everything',
  MANAGER: 'manager: all portfolios',
  CSM: 'CSM: your own portfolio',
  INTEGRATION: 'integration: writes, reads nothing of customers',
} as const;

/** One's own settings: how this browser shows things, and the morning's mail. */
export default function Settings() {
  return (
    <Page title="Settings" lead="Yours alone">
      <div className={styles.panels}>
        <Shows />
        <DigestPanel />
        <SignedIn />
      </div>
    </Page>
  );
}

function Shows() {
  const zone = useZone();
  const look = usePreference();
  const [now] = useState(() => new Date());
  return (
    <Panel title="How it is shown" note="Kept in this browser">
      <ZoneField
        label="Time zone"
        description={`It is ${momentIn(now, zone)} there. Times of people elsewhere stand beside yours.`}
        zone={chosenZone()}
        unset={`This browser’s: ${ownZone().replaceAll('_', ' ')}`}
        onChange={chooseZone}
      />
      <Select label="Appearance" choices={LOOKS} value={look} onChange={prefer} />
    </Panel>
  );
}

function DigestPanel() {
  const read = useRead(SettingsDocument, {});
  return (
    <Panel title="Morning digest" note="What happened since yesterday and what to do first, by mail">
      <Shown read={read}>
        {({ digestSettings }) =>
          digestSettings ? (
            <DigestForm kept={digestSettings} />
          ) : (
            <p>Digests go to CSMs, for their portfolio. You are signed in without one.</p>
          )
        }
      </Shown>
    </Panel>
  );
}

type Kept = NonNullable<SettingsQuery['digestSettings']>;

function DigestForm({ kept }: { readonly kept: Kept }) {
  const change = useChange(SetDigestDocument);
  const [shown, setShown] = useState({ enabled: kept.enabled, timezone: kept.timezone ?? null });
  const set = async (next: typeof shown): Promise<void> => {
    const before = shown;
    setShown(next);
    const { data, failure } = await change({ input: next });
    const problem = failure?.message ?? data?.setDigest.userErrors[0]?.message;
    if (problem !== undefined) {
      setShown(before);
      toast(`That was not kept: ${problem}`, 'bad');
    } else toast('Kept');
  };
  return (
    <>
      <Switch isOn={shown.enabled} onChange={(enabled) => void set({ ...shown, enabled })}>
        Mail it to me
      </Switch>
      <ZoneField
        label="Made in the morning of"
        description="It comes at the hour that the operator has set, by this clock."
        zone={shown.timezone}
        unset="The zone that the operator has set"
        onChange={(timezone) => void set({ ...shown, timezone })}
      />
    </>
  );
}

function SignedIn() {
  const { name, role, csm, expiresAt } = useViewer();
  return (
    <Panel title="Signed in">
      <dl className={styles.facts}>
        <dt>As</dt>
        <dd>{csm ? `${csm.name} (${csm.email})` : name}</dd>
        <dt>Role</dt>
        <dd>{ROLES[role]}</dd>
        <dt>Until</dt>
        <dd>{expiresAt == null ? 'you sign out' : <Time at={expiresAt} />}</dd>
      </dl>
    </Panel>
  );
}
