import type { CampaignIdentityFragment } from '../../gql/graphql';
import { Measure, Measures, Panel, percent, Tag, Time } from '../../parts';
import { METHODS, SIGNS, TYPES } from './words';
import styles from './Campaign.module.css';

/** How it was recognised as one bulk send, and what was said of it. */
export function DetectionPanel({ campaign }: { readonly campaign: CampaignIdentityFragment }) {
  const { detection, type, typeConfidence, externalId } = campaign;
  return (
    <Panel title="How it was detected">
      <Measures>
        <Measure name="One bulk send" note={METHODS[detection.method]}>
          {percent(detection.confidence)} <span className={styles.unit}>sure</span>
        </Measure>
        <Measure name="Type" note={<TypeNote campaign={campaign} />}>
          {type == null ? 'unknown' : TYPES[type]}
          {typeConfidence != null && <span className={styles.unit}> {percent(typeConfidence)} sure</span>}
        </Measure>
      </Measures>
      <dl className={styles.evidence}>
        {detection.evidence != null && (
          <>
            <dt>What its messages share</dt>
            <dd>{detection.evidence}</dd>
          </>
        )}
        {externalId != null && (
          <>
            <dt>Its id at {campaign.provider}</dt>
            <dd>{externalId}</dd>
          </>
        )}
        {detection.signs.length > 0 && (
          <>
            <dt>Headers of its raw mail</dt>
            <dd className={styles.inline}>
              {detection.signs.map((sign) => (
                <Tag key={sign}>{SIGNS[sign]}</Tag>
              ))}
            </dd>
          </>
        )}
        {detection.reasons.length > 0 && (
          <>
            <dt>What the decision rests on</dt>
            <dd>
              <ul>
                {detection.reasons.map((reason) => (
                  <li key={reason}>{reason}</li>
                ))}
              </ul>
            </dd>
          </>
        )}
      </dl>
    </Panel>
  );
}

function TypeNote({ campaign: { type, classification } }: { readonly campaign: CampaignIdentityFragment }) {
  if (classification?.type != null) {
    return (
      <>
        a person said so <Time at={classification.at} />
      </>
    );
  }
  return type == null ? 'nothing tells it' : 'as declared, or inferred from its text';
}
