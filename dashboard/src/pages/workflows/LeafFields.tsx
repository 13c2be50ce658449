import { useState } from 'react';
import { useRead } from '../../client';
import { WorkflowsSegmentsDocument, type Level } from '../../gql/graphql';
import { Button, Checkboxes, NumberField, TextField } from '../../parts';
import type { ConditionNode, LevelsNode, NumberNode, SegmentsNode } from './draft';
import { LEVELS } from './words';
import styles from './Workflows.module.css';

interface LeafProps<Node> {
  readonly node: Node;
  readonly problem: string | undefined;
  readonly onChange: (node: ConditionNode) => void;
}

const NUMBERS = {
  silentForDays: {
    label: 'Days without any act',
    description: 'Mail arrived, and the person did nothing with any of it',
    most: 365,
  },
  unansweredSends: {
    label: 'Mails in a row',
    description: 'So many arrived without any engagement since',
    most: 50,
  },
} as const;

/** Days of silence, or mails without an answer. */
export function NumberOf({ node, problem, onChange }: LeafProps<NumberNode>) {
  const { label, description, most } = NUMBERS[node.member];
  return (
    <NumberField
      label={label}
      description={description}
      least={1}
      most={most}
      value={node.number}
      problem={problem}
      onChange={(number) => onChange({ ...node, number })}
    />
  );
}

const CHOICES = (Object.keys(LEVELS) as Level[]).map((value) => ({ value, label: LEVELS[value] }));

/** Levels of a person’s score. */
export function LevelsField({ node, problem, onChange }: LeafProps<LevelsNode>) {
  return (
    <Checkboxes
      label="The person’s engagement is"
      choices={CHOICES}
      value={node.levels}
      problem={problem}
      onChange={(levels) => onChange({ ...node, levels })}
    />
  );
}

/** Segments of the customer: those that there are, and any other by name. */
export function SegmentsField({ node, problem, onChange }: LeafProps<SegmentsNode>) {
  const read = useRead(WorkflowsSegmentsDocument, {});
  const [other, setOther] = useState('');
  const known = (read.data?.performance.segments ?? []).flatMap(({ segment }) => segment ?? []);
  const names = [...new Set([...known, ...node.segments])];
  const wanted = other.trim();
  const add = (): void => {
    if (wanted === '') return;
    if (!node.segments.includes(wanted)) onChange({ ...node, segments: [...node.segments, wanted] });
    setOther('');
  };
  return (
    <>
      <Checkboxes
        label="The customer is of"
        choices={names.map((value) => ({ value, label: value }))}
        value={node.segments}
        problem={problem}
        onChange={(segments) => onChange({ ...node, segments })}
      />
      <div className={styles.withButton}>
        <TextField
          label="Another segment"
          value={other}
          onChange={setOther}
          maxLength={500}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
        <Button onPress={add} isDisabled={wanted === ''}>
          Add segment
        </Button>
      </div>
    </>
  );
}
