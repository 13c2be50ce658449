import {
  Button,
  CheckboxButton,
  CheckboxField,
  CheckboxGroup,
  FieldError,
  Group,
  Input,
  Label,
  NumberField as AriaNumberField,
  RadioButton,
  RadioField,
  RadioGroup,
  Text,
} from 'react-aria-components';
import type { Choice } from './fields';
import styles from './fields.module.css';

interface Asked {
  readonly label: string;
  readonly description?: string;
  /** What the service said of it. */
  readonly problem?: string | undefined;
}

/** A whole number within bounds, typed or stepped; null where the field is empty. */
export function NumberField({
  label,
  description,
  problem,
  value,
  least,
  most,
  onChange,
}: Asked & {
  readonly value: number | null;
  readonly least: number;
  readonly most: number;
  readonly onChange: (value: number | null) => void;
}) {
  return (
    <AriaNumberField
      className={styles.field ?? ''}
      value={value ?? NaN}
      minValue={least}
      maxValue={most}
      formatOptions={WHOLE}
      isInvalid={problem !== undefined}
      onChange={(next) => onChange(Number.isNaN(next) ? null : next)}
    >
      <Label className={styles.label ?? ''}>{label}</Label>
      <Group className={styles.steps ?? ''}>
        <Input className={styles.input ?? ''} />
        <Button slot="decrement" className={styles.step ?? ''}>
          −
        </Button>
        <Button slot="increment" className={styles.step ?? ''}>
          +
        </Button>
      </Group>
      <Below description={description} problem={problem} />
    </AriaNumberField>
  );
}

const WHOLE = { maximumFractionDigits: 0 } as const;

interface ChosenProps<Value extends string> extends Asked {
  readonly choices: readonly (Choice<Value> & { readonly note?: string })[];
  /** Below one another, for longer labels. */
  readonly isColumn?: boolean;
}

function row(isColumn: boolean): string {
  return `${styles.checks ?? ''} ${isColumn ? (styles.column ?? '') : ''}`;
}

/** Any of a few. */
export function Checkboxes<Value extends string>({
  label,
  description,
  problem,
  choices,
  value,
  onChange,
  isColumn = false,
}: ChosenProps<Value> & {
  readonly value: readonly Value[];
  readonly onChange: (value: readonly Value[]) => void;
}) {
  return (
    <CheckboxGroup
      className={styles.field ?? ''}
      value={[...value]}
      isInvalid={problem !== undefined}
      onChange={(keys) => onChange(choices.map((choice) => choice.value).filter((one) => keys.includes(one)))}
    >
      <Label className={styles.label ?? ''}>{label}</Label>
      <div className={row(isColumn)}>
        {choices.map((choice) => (
          <CheckboxField key={choice.value} value={choice.value}>
            <CheckboxButton className={styles.check ?? ''}>
              <span className={styles.mark} aria-hidden="true" />
              <Words of={choice} />
            </CheckboxButton>
          </CheckboxField>
        ))}
      </div>
      <Below description={description} problem={problem} />
    </CheckboxGroup>
  );
}

/** One of a few, all of them in sight. */
export function Radios<Value extends string>({
  label,
  description,
  problem,
  choices,
  value,
  onChange,
  isColumn = false,
}: ChosenProps<Value> & {
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}) {
  return (
    <RadioGroup
      className={styles.field ?? ''}
      value={value}
      isInvalid={problem !== undefined}
      onChange={(key) => {
        const chosen = choices.find((choice) => choice.value === key);
        if (chosen) onChange(chosen.value);
      }}
    >
      <Label className={styles.label ?? ''}>{label}</Label>
      <div className={row(isColumn)}>
        {choices.map((choice) => (
          <RadioField key={choice.value} value={choice.value}>
            <RadioButton className={styles.check ?? ''}>
              <span className={`${styles.mark ?? ''} ${styles.round ?? ''}`} aria-hidden="true" />
              <Words of={choice} />
            </RadioButton>
          </RadioField>
        ))}
      </div>
      <Below description={description} problem={problem} />
    </RadioGroup>
  );
}

function Words({ of }: { readonly of: { readonly label: string; readonly note?: string } }) {
  return (
    <span>
      {of.label}
      {of.note !== undefined && <span className={styles.note}> · {of.note}</span>}
    </span>
  );
}

function Below({
  description,
  problem,
}: Pick<Asked, 'problem'> & { readonly description: string | undefined }) {
  return (
    <>
      {description !== undefined && (
        <Text slot="description" className={styles.description ?? ''}>
          {description}
        </Text>
      )}
      <FieldError className={styles.problem ?? ''}>{problem}</FieldError>
    </>
  );
}
