import { Button, Select, type Choice } from '../../parts';
import { type ConditionNode, type GroupNode, type Member, type NotNode } from './draft';
import { turned, widened } from './editing';
import { EventFields } from './EventFields';
import { LevelsField, NumberOf, SegmentsField } from './LeafFields';
import type { Problems } from './places';
import { MEMBERS } from './words';
import styles from './Workflows.module.css';

const CHOICES: readonly Choice<Member>[] = (Object.keys(MEMBERS) as Member[]).map((value) => ({
  value,
  label: MEMBERS[value],
}));

interface ConditionsProps {
  readonly node: ConditionNode;
  /** As the service writes it, e.g. `condition.all.0`. */
  readonly path: string;
  /** Its place as people say it, e.g. “1.2”; empty for the whole tree. */
  readonly number: string;
  readonly problems: Problems;
  readonly onChange: (node: ConditionNode) => void;
  /** Null where it cannot be taken away: the whole tree. */
  readonly onRemove: (() => void) | null;
}

/** One condition, with all within it; a group of fields that names itself. */
export function Conditions(props: ConditionsProps) {
  const { node, path, number, problems, onChange, onRemove } = props;
  const name = number === '' ? 'Condition' : `Condition ${number}`;
  const problem = problems[path];
  return (
    <div role="group" aria-label={name} className={styles.condition}>
      <div className={styles.conditionHead}>
        <Select
          label={`${name}: what it is`}
          isBare
          choices={CHOICES}
          value={node.member}
          onChange={(member) => onChange(turned(node, member))}
          problem={problem}
        />
        {onRemove && (
          <Button isSmall look="quiet" aria-label={`Remove ${name.toLowerCase()}`} onPress={onRemove}>
            Remove
          </Button>
        )}
      </div>
      <Within {...props} />
    </div>
  );
}

function Within({ node, path, number, problems, onChange }: ConditionsProps) {
  const problem = problems[`${path}.${node.member}`];
  switch (node.member) {
    case 'all':
    case 'any':
      return <Parts {...{ node, path, number, problems, onChange }} />;
    case 'not':
      return <Part {...{ node, path, number, problems, onChange }} />;
    case 'happened':
      return <EventFields {...{ node, problems, onChange }} path={`${path}.happened`} />;
    case 'segments':
      return <SegmentsField {...{ node, problem, onChange }} />;
    case 'levels':
      return <LevelsField {...{ node, problem, onChange }} />;
    default:
      return <NumberOf {...{ node, problem, onChange }} />;
  }
}

type InnerProps<Node> = Omit<ConditionsProps, 'node' | 'onRemove'> & { readonly node: Node };

function Parts({ node, path, number, problems, onChange }: InnerProps<GroupNode>) {
  const set = (parts: readonly ConditionNode[]): void => onChange({ ...node, parts });
  return (
    <div className={styles.parts}>
      {node.parts.map((part, index) => (
        <Conditions
          key={part.key}
          node={part}
          path={`${path}.${node.member}.${index}`}
          number={[number, index + 1].filter((one) => one !== '').join('.')}
          problems={problems}
          onChange={(next) => set(node.parts.with(index, next))}
          onRemove={() => set(node.parts.toSpliced(index, 1))}
        />
      ))}
      <p>
        <Button
          isSmall
          aria-label={number === '' ? 'Add a condition' : `Add a condition to ${number}`}
          onPress={() => onChange(widened(node))}
        >
          Add a condition
        </Button>
      </p>
    </div>
  );
}

function Part({ node, path, number, problems, onChange }: InnerProps<NotNode>) {
  return (
    <div className={styles.parts}>
      <Conditions
        node={node.part}
        path={`${path}.not`}
        number={number === '' ? '1' : `${number}.1`}
        problems={problems}
        onChange={(part) => onChange({ ...node, part })}
        onRemove={null}
      />
    </div>
  );
}
