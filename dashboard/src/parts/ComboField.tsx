import {
  Button,
  ComboBox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Text,
} from 'react-aria-components';
import fields from './fields.module.css';
import styles from './ComboField.module.css';

export interface ComboChoice {
  readonly id: string;
  readonly name: string;
  readonly note?: string;
}

interface ComboFieldProps {
  readonly label: string;
  /** What the button that opens the list is called. */
  readonly opens: string;
  readonly description?: string;
  readonly placeholder?: string;
  /** What the service said of it. */
  readonly problem?: string | undefined;
  readonly choices: readonly ComboChoice[];
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
  /** What is typed, where the service finds the choices for it; else they are all here. */
  readonly typed?: {
    readonly text: string;
    readonly onChange: (text: string) => void;
    readonly onBlur: () => void;
  };
}

/** One of many, found by typing. Imported by itself: the first page has none. */
export function ComboField(props: ComboFieldProps) {
  const { label, opens, description, placeholder, problem, choices, value, onChange, typed } = props;
  const found = typed
    ? {
        items: choices,
        inputValue: typed.text,
        onInputChange: typed.onChange,
        onBlur: typed.onBlur,
        defaultFilter: () => true,
      }
    : { defaultItems: choices };
  return (
    <ComboBox
      {...found}
      className={fields.field ?? ''}
      value={value}
      onChange={(key) => onChange(key === null ? null : String(key))}
      menuTrigger="focus"
      isInvalid={problem !== undefined}
    >
      <Label className={fields.label ?? ''}>{label}</Label>
      <span className={styles.box}>
        <Input className={styles.input ?? ''} placeholder={placeholder} />
        <Button className={styles.open ?? ''} aria-label={opens}>
          <span aria-hidden="true">▾</span>
        </Button>
      </span>
      {description !== undefined && (
        <Text slot="description" className={fields.description ?? ''}>
          {description}
        </Text>
      )}
      <FieldError className={fields.problem ?? ''}>{problem}</FieldError>
      <Popover className={styles.popover ?? ''}>
        <ListBox className={styles.list ?? ''}>
          {({ name, note }: ComboChoice) => (
            <ListBoxItem className={styles.option ?? ''} textValue={name}>
              {name} {note && <span className={styles.note}>· {note}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
