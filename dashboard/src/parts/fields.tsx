import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
  SwitchButton,
  SwitchField,
  Text,
  TextArea,
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
} from 'react-aria-components';
import styles from './fields.module.css';

interface TextFieldProps extends Omit<AriaTextFieldProps, 'className' | 'children'> {
  readonly label: string;
  readonly description?: string;
  readonly placeholder?: string;
  /** What the service said of it. */
  readonly problem?: string | undefined;
  /** Several lines. */
  readonly rows?: number;
}

/** A text with its label, and what is wrong with it below. */
export function TextField({ label, description, placeholder, problem, rows, ...props }: TextFieldProps) {
  return (
    <AriaTextField {...props} isInvalid={problem !== undefined} className={styles.field ?? ''}>
      <Label className={styles.label ?? ''}>{label}</Label>
      {rows === undefined ? (
        <Input className={styles.input ?? ''} placeholder={placeholder} />
      ) : (
        <TextArea className={styles.input ?? ''} placeholder={placeholder} rows={rows} />
      )}
      {description !== undefined && (
        <Text slot="description" className={styles.description ?? ''}>
          {description}
        </Text>
      )}
      <FieldError className={styles.problem ?? ''}>{problem}</FieldError>
    </AriaTextField>
  );
}

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

interface SelectProps<Value extends string> {
  readonly label: string;
  readonly choices: readonly Choice<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  /** The label is told, not shown: for rows of filters. */
  readonly isBare?: boolean;
  readonly isDisabled?: boolean;
  /** What the service said of it. */
  readonly problem?: string | undefined;
}

/** One of a few. */
export function Select<Value extends string>({
  label,
  choices,
  value,
  onChange,
  isBare = false,
  isDisabled = false,
  problem,
}: SelectProps<Value>) {
  return (
    <AriaSelect
      className={styles.field ?? ''}
      value={value}
      isDisabled={isDisabled}
      isInvalid={problem !== undefined}
      onChange={(key) => {
        const chosen = choices.find((choice) => choice.value === key);
        if (chosen) onChange(chosen.value);
      }}
    >
      <Label className={(isBare ? 'visually-hidden' : styles.label) ?? ''}>{label}</Label>
      <AriaButton className={styles.select ?? ''}>
        <SelectValue className={styles.value ?? ''} />
        <span aria-hidden="true">▾</span>
      </AriaButton>
      <FieldError className={styles.problem ?? ''}>{problem}</FieldError>
      <Popover className={styles.popover ?? ''}>
        <ListBox className={styles.list ?? ''}>
          {choices.map((choice) => (
            <ListBoxItem
              key={choice.value}
              id={choice.value}
              textValue={choice.label}
              className={styles.option ?? ''}
            >
              {choice.label}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

/** On or off, at once. */
export function Switch({
  isOn,
  onChange,
  children,
  isDisabled = false,
}: {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly children: ReactNode;
  readonly isDisabled?: boolean;
}) {
  return (
    <SwitchField isSelected={isOn} onChange={onChange} isDisabled={isDisabled}>
      <SwitchButton className={styles.switch ?? ''}>
        <span className={styles.track} aria-hidden="true" />
        {children}
      </SwitchButton>
    </SwitchField>
  );
}
