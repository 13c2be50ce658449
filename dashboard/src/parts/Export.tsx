import { useState } from 'react';
import { authorization } from '../client';
import { Button } from './Button';
import { toast } from './toasts';

interface ExportProps {
  /** Where the service has the table, e.g. `/api/customers.csv`. */
  readonly path: string;
  /** Which table, for screen readers, where a page has several. */
  readonly of?: string;
}

/** Saves a table as CSV. It is fetched with the sign-in, which a plain link would have to carry in its address. */
export function Export({ path, of }: ExportProps) {
  const [isBusy, setIsBusy] = useState(false);
  const save = async (): Promise<void> => {
    setIsBusy(true);
    try {
      const answer = await fetch(path, { headers: authorization() });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const url = URL.createObjectURL(await answer.blob());
      const link = document.createElement('a');
      link.href = url;
      link.download =
        /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? 'table.csv';
      link.click();
      URL.revokeObjectURL(url);
    } catch {
      toast('The table could not be exported. Try again in a moment.', 'bad');
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Button isDisabled={isBusy} onPress={() => void save()}>
      {isBusy ? 'Exporting …' : 'Export CSV'}
      {of !== undefined && <span className="visually-hidden"> of {of}</span>}
    </Button>
  );
}
