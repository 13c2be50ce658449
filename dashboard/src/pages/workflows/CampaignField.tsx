import { useDeferredValue, useState } from 'react';
import {
  Button,
  ComboBox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
} from 'react-aria-components';
import { useRead } from '../../client';
import { WorkflowsCampaignsDocument } from '../../gql/graphql';
import { dateIn, useZone } from '../../parts';
import type { CampaignChoice } from './draft';
import styles from './Workflows.module.css';

const ANY = 'any';

interface CampaignFieldProps {
  /** Null: any campaign. */
  readonly chosen: CampaignChoice | null;
  readonly problem: string | undefined;
  readonly onChange: (campaign: CampaignChoice | null) => void;
}

/** One campaign, found by typing, or any. */
export function CampaignField({ chosen, problem, onChange }: CampaignFieldProps) {
  const zone = useZone();
  const shown = chosen === null ? '' : (chosen.name ?? 'no longer there');
  const [text, setText] = useState(shown);
  const isTyped = text !== shown;
  const search = useDeferredValue(isTyped ? text.trim().slice(0, 200) : '');
  const read = useRead(WorkflowsCampaignsDocument, { search });
  const found = (read.data?.campaigns.nodes ?? []).map(({ id, name, sentAt }) => ({
    id,
    name,
    note: sentAt == null ? 'not sent yet' : dateIn(new Date(sentAt), zone),
  }));
  const items = [{ id: ANY, name: 'any campaign', note: '' }, ...found];
  const choose = (key: string | number | null): void => {
    const campaign = found.find(({ id }) => id === key) ?? null;
    setText(campaign?.name ?? '');
    onChange(campaign && { id: campaign.id, name: campaign.name });
  };
  return (
    <ComboBox
      className={styles.field ?? ''}
      items={items}
      inputValue={text}
      onInputChange={setText}
      value={chosen?.id ?? null}
      onChange={choose}
      // What is there was found by the service.
      defaultFilter={() => true}
      menuTrigger="focus"
      isInvalid={problem !== undefined}
      onBlur={() => setText(shown)}
    >
      <Label className={styles.label ?? ''}>Campaign</Label>
      <span className={styles.box}>
        <Input className={styles.input ?? ''} placeholder="any campaign" />
        <Button className={styles.open ?? ''} aria-label="Campaigns">
          <span aria-hidden="true">▾</span>
        </Button>
      </span>
      <FieldError className={styles.problem ?? ''}>{problem}</FieldError>
      <Popover className={styles.popover ?? ''}>
        <ListBox className={styles.list ?? ''}>
          {(item: (typeof items)[number]) => (
            <ListBoxItem className={styles.option ?? ''} textValue={item.name}>
              {item.name} {item.note !== '' && <span className={styles.soft}>· {item.note}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
