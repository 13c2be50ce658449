import {
  ComboBox,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Text,
  Button as AriaButton,
} from 'react-aria-components';
import styles from './Settings.module.css';

interface ZoneFieldProps {
  readonly label: string;
  readonly description: string;
  /** Null: what stands at `unset`. */
  readonly zone: string | null;
  readonly unset: string;
  readonly onChange: (zone: string | null) => void;
}

const UNSET = 'unset';
const ZONES = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].map((id) => ({
  id,
  name: id.replaceAll('_', ' '),
}));

/** One of all time zones, found by typing. */
export function ZoneField({ label, description, zone, unset, onChange }: ZoneFieldProps) {
  return (
    <ComboBox
      className={styles.field ?? ''}
      defaultItems={[{ id: UNSET, name: unset }, ...ZONES]}
      value={zone ?? UNSET}
      onChange={(key) => {
        if (key !== null) onChange(key === UNSET ? null : String(key));
      }}
      menuTrigger="focus"
    >
      <Label className={styles.label ?? ''}>{label}</Label>
      <span className={styles.box}>
        <Input className={styles.input ?? ''} />
        <AriaButton className={styles.open ?? ''} aria-label="All time zones">
          <span aria-hidden="true">▾</span>
        </AriaButton>
      </span>
      <Text slot="description" className={styles.description ?? ''}>
        {description}
      </Text>
      <Popover className={styles.popover ?? ''}>
        <ListBox className={styles.list ?? ''}>
          {(item: { id: string; name: string }) => (
            <ListBoxItem className={styles.option ?? ''}>{item.name}</ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
