import { useState } from 'react';
import { useParams } from 'react-router';
import { useSeesAll } from '../../app/viewer';
import { useLive, useRead } from '../../client';
import {
  CampaignDocument,
  CampaignProgressedDocument,
  type CampaignFiguresFragment,
  type CampaignQuery,
} from '../../gql/graphql';
import { Button, Columns, Empty, FailureNote, Page, Skeleton, Tag, Time } from '../../parts';
import { Analysis } from './Analysis';
import { ClassifyDialog } from './ClassifyDialog';
import { DetectionPanel } from './DetectionPanel';
import { FunnelPanel } from './FunnelPanel';
import { RatesPanel } from './RatesPanel';
import { Recipients } from './Recipients';
import { TYPES } from './words';
import styles from './Campaign.module.css';

type Found = NonNullable<CampaignQuery['campaign']>;

/** One bulk email: how far it got, live, and what came of it. */
export default function Campaign() {
  const { id = '' } = useParams();
  return <OneCampaign key={id} id={id} />;
}

function OneCampaign({ id }: { readonly id: string }) {
  const read = useRead(CampaignDocument, { id });
  const campaign = read.data?.campaign;
  if (!read.data) {
    return (
      <Page title="Campaign">
        {read.failure ? <FailureNote failure={read.failure} onRetry={read.reload} /> : <Waiting />}
      </Page>
    );
  }
  if (!campaign) {
    return (
      <Page title="Campaign">
        <Empty title="There is no such campaign">
          It does not exist, is not held to be a bulk send, or none of your customers was sent it.
        </Empty>
      </Page>
    );
  }
  return <Known campaign={campaign} />;
}

function Known({ campaign }: { readonly campaign: Found }) {
  const [live, setLive] = useState<CampaignFiguresFragment | null>(null);
  const [isCorrecting, setIsCorrecting] = useState(false);
  const seesAll = useSeesAll();
  useLive(
    CampaignProgressedDocument,
    { id: campaign.id },
    { onUpdate: ({ campaignProgressed }) => setLive(campaignProgressed) },
  );
  const { funnel, analysis } = live ?? campaign;
  return (
    <Page
      title={campaign.name}
      lead={<Lead campaign={campaign} />}
      actions={seesAll && <Button onPress={() => setIsCorrecting(true)}>Correct the type</Button>}
    >
      <Columns>
        <FunnelPanel funnel={funnel} acts={analysis.acts} />
        <RatesPanel rates={analysis.rates} average={analysis.average} />
      </Columns>
      <Analysis id={campaign.id} figures={live} />
      <Recipients id={campaign.id} isListed={!campaign.provisional} />
      <DetectionPanel campaign={campaign} />
      {isCorrecting && <ClassifyDialog campaign={campaign} onClose={() => setIsCorrecting(false)} />}
    </Page>
  );
}

function Lead({ campaign }: { readonly campaign: Found }) {
  const { subject, name, type, sentAt, provider, topics, provisional } = campaign;
  return (
    <span className={styles.facts}>
      {subject != null && subject !== name && <span>“{subject}”</span>}
      <Tag tone={type == null ? 'plain' : 'act'}>{type == null ? 'type unknown' : TYPES[type]}</Tag>
      {provisional && <Tag tone="warn">not held to be a bulk send</Tag>}
      <span>
        {sentAt == null ? (
          'not sent yet'
        ) : (
          <>
            sent <Time at={sentAt} />
          </>
        )}{' '}
        with {provider}
      </span>
      {topics.length > 0 && <span>about {topics.map((topic) => topic.name).join(', ')}</span>}
    </span>
  );
}

function Waiting() {
  return (
    <>
      <Columns>
        <Skeleton lines={1} height="20rem" />
        <Skeleton lines={1} height="20rem" />
      </Columns>
      <Skeleton lines={1} height="20rem" />
    </>
  );
}
