import { useState } from 'react';
import { useSeesAll } from '../../app/viewer';
import { useRead } from '../../client';
import { TodayCsmsDocument } from '../../gql/graphql';
import { Columns, count, Page, plural, Select } from '../../parts';
import { Stream } from './Stream';
import { ToDoList } from './ToDoList';
import { useToDo } from './useToDo';

const ALL = 'all';

/** Whom to talk to today, and why; beside it what happens just now. */
export default function Today() {
  const [whose, setWhose] = useState(ALL);
  const csmId = whose === ALL ? null : whose;
  const list = useToDo(csmId);
  const total = list.toDo?.total;
  return (
    <Page
      title="Today"
      lead={
        total === undefined
          ? 'Whom to talk to, and why'
          : `${count(total)} ${plural(total, 'recommendation')}, the most urgent first`
      }
      actions={useSeesAll() ? <Whose value={whose} onChange={setWhose} /> : undefined}
    >
      <Columns wide="first">
        <ToDoList list={list} />
        <Stream key={whose} csmId={csmId} />
      </Columns>
    </Page>
  );
}

/** For who sees all: one CSM's portfolio, or everybody's. */
function Whose({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const { data } = useRead(TodayCsmsDocument, {});
  const csms = data?.csms.nodes.map(({ id, name }) => ({ value: id, label: name })) ?? [];
  return (
    <Select
      label="Whose customers"
      isBare
      value={value}
      onChange={onChange}
      choices={[{ value: ALL, label: 'Everybody’s customers' }, ...csms]}
    />
  );
}
