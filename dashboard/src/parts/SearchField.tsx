import { useEffect, useEffectEvent, useState } from 'react';
import { TextField } from './fields';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
}

const PAUSE_MS = 250;
const MOST = 200;

/** A text to search for: asks when the typing rests, and follows what is searched for elsewhere, e.g. by a link. */
export function SearchField({ label, value, onChange }: SearchFieldProps) {
  const [text, setText] = useState(value);
  const [asked, setAsked] = useState(value);
  const [seen, setSeen] = useState(value);
  if (value !== seen) {
    setSeen(value);
    // What was asked for here comes back while somebody types on.
    if (value !== asked) {
      setAsked(value);
      setText(value);
    }
  }
  const ask = useEffectEvent(() => {
    setAsked(text);
    onChange(text);
  });
  useEffect(() => {
    if (text === asked) return undefined;
    const timer = setTimeout(() => ask(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, asked]);
  return <TextField label={label} type="search" value={text} onChange={setText} maxLength={MOST} />;
}
