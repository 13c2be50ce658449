import type { ReactNode } from 'react';
import { Button, Columns, NumberField, Panel, Switch, TextField } from '../../parts';
import { Actions } from './Actions';
import { Conditions } from './Conditions';
import type { Draft } from './draft';
import { isGroup, widened } from './editing';
import { Preview } from './Preview';
import { conditionText } from './sentences';
import type { Form } from './useForm';
import styles from './Workflows.module.css';

interface PlanFormProps {
  readonly form: Form;
  readonly isNew: boolean;
  readonly isSaving: boolean;
  /** Whether there is anything to save. The button that saves is there in any case: a number is taken over only as it is pressed. */
  readonly isChanged: boolean;
  readonly onSave: () => void;
  /** Other ways on, beside the button that saves. */
  readonly children?: ReactNode;
}

/** A workflow to be written or changed, beside what it would have done. */
export function PlanForm(props: PlanFormProps) {
  const { form, isNew, onSave } = props;
  return (
    <Columns>
      <Panel title="What it is" note="Once the condition comes to hold for a person, it acts">
        <form
          className={styles.parts}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            onSave();
          }}
        >
          <Fields form={form} isNew={isNew} />
          <Foot {...props} />
        </form>
      </Panel>
      <Preview preview={form.preview} span={form.span} onSpan={form.setSpan} />
    </Columns>
  );
}

function Fields({ form: { draft, change, problems }, isNew }: Pick<PlanFormProps, 'form' | 'isNew'>) {
  const set = (next: Partial<Draft>): void => change({ ...draft, ...next });
  return (
    <>
      <TextField
        label="Name"
        value={draft.name}
        maxLength={200}
        problem={problems.name}
        onChange={(name) => set({ name })}
      />
      <TextField
        label="What it is for"
        rows={2}
        value={draft.description}
        maxLength={2_000}
        problem={problems.description}
        onChange={(description) => set({ description })}
      />
      <h3>When</h3>
      <Conditions
        node={draft.condition}
        path="condition"
        number=""
        problems={problems}
        onChange={(condition) => set({ condition })}
        onRemove={null}
      />
      {!isGroup(draft.condition) && (
        <p>
          <Button isSmall onPress={() => set({ condition: widened(draft.condition) })}>
            Add a condition
          </Button>
        </p>
      )}
      <p className={styles.soft}>In words: {conditionText(draft.condition)}.</p>
      <h3>Then</h3>
      <Actions draft={draft.actions} problems={problems} onChange={(actions) => set({ actions })} />
      <h3>How often</h3>
      <div className={styles.short}>
        <NumberField
          label="At most once for a person within days"
          description="After that it acts again, if the condition holds still"
          least={1}
          most={365}
          value={draft.windowDays}
          problem={problems.windowDays}
          onChange={(windowDays) => set({ windowDays })}
        />
      </div>
      {isNew && (
        <Switch isOn={draft.enabled} onChange={(enabled) => set({ enabled })}>
          Turn it on when it is saved
        </Switch>
      )}
    </>
  );
}

function Foot({ form: { refusal }, isNew, isSaving, isChanged, children }: PlanFormProps) {
  return (
    <div className={styles.foot}>
      {refusal !== null && (
        <p role="alert" className={styles.problem}>
          It was not saved: {refusal}
        </p>
      )}
      <p className={styles.inline}>
        <Button type="submit" look="main" isDisabled={isSaving}>
          {isNew ? 'Save workflow' : 'Save changes'}
        </Button>
        {children}
        {!isNew && <span className={styles.soft}>{isChanged ? 'Not saved yet' : 'Saved'}</span>}
      </p>
    </div>
  );
}
