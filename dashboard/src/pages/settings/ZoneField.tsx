import { ComboField } from '../../parts/ComboField';

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
    <ComboField
      label={label}
      opens="All time zones"
      description={description}
      choices={[{ id: UNSET, name: unset }, ...ZONES]}
      value={zone ?? UNSET}
      onChange={(id) => {
        if (id !== null) onChange(id === UNSET ? null : id);
      }}
    />
  );
}
