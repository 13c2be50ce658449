import { useState } from 'react';
import { useChange } from '../../client';
import {
  ClassifyCampaignDocument,
  type CampaignIdentityFragment,
  type CampaignType,
} from '../../gql/graphql';
import { Button, Dialog, Select, toast, type Choice } from '../../parts';
import { classification, type Bulk } from './classifying';
import { TYPES } from './words';
import styles from './Campaign.module.css';

const KINDS: readonly Choice<CampaignType | 'found'>[] = [
  ...Object.entries(TYPES).map(([value, label]) => ({ value: value as CampaignType, label })),
  { value: 'found', label: 'As declared or inferred' },
];

const BULK: readonly Choice<Bulk>[] = [
  { value: 'found', label: 'As the rules decide' },
  { value: 'yes', label: 'Yes, it is one' },
  { value: 'no', label: 'No: hide it as a campaign' },
];

/** Say what a campaign is: a person's word stands against all evidence. */
export function ClassifyDialog({
  campaign,
  onClose,
}: {
  readonly campaign: CampaignIdentityFragment;
  readonly onClose: () => void;
}) {
  const said = campaign.classification;
  const [type, setType] = useState<CampaignType | 'found'>(said?.type ?? campaign.type ?? 'found');
  const [bulk, setBulk] = useState<Bulk>(said?.isBulk == null ? 'found' : said.isBulk ? 'yes' : 'no');
  const [problem, setProblem] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const classify = useChange(ClassifyCampaignDocument);
  const save = async (): Promise<void> => {
    setIsBusy(true);
    const { data, failure } = await classify({ input: classification(campaign, type, bulk) });
    setIsBusy(false);
    const refused = failure?.message ?? data?.classifyCampaign.userErrors[0]?.message;
    if (refused !== undefined) {
      setProblem(refused);
      return;
    }
    toast(`Said: “${campaign.name}” is ${type === 'found' ? 'as found out' : `of type ${TYPES[type]}`}`);
    onClose();
  };
  return (
    <Dialog title="Correct the type" isOpen onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <p>What you say stands, whatever is found out later; you can take it back here.</p>
        <Select label="Type" value={type} onChange={setType} choices={KINDS} />
        <Select label="Is it one bulk send?" value={bulk} onChange={setBulk} choices={BULK} />
        {problem !== undefined && (
          <p className={styles.problem} role="alert">
            {problem}
          </p>
        )}
        <p className={styles.inline}>
          <Button type="submit" look="main" isDisabled={isBusy}>
            Save
          </Button>
          <Button onPress={onClose}>Cancel</Button>
        </p>
      </form>
    </Dialog>
  );
}
