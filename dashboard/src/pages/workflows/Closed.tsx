import { NoAccess, Page, Panel } from '../../parts';

/** What a CSM is told: workflows act in every portfolio, so that managers keep them. */
export function Closed() {
  return (
    <Page title="Workflows" lead="Triggers of your own: a condition on people, and what is done about them">
      <Panel title="Kept by managers and admins">
        <NoAccess>
          A workflow acts in every portfolio, so managers and admins make them. What one recommends about your
          customers is on your Today page, with its reasons. If you miss a trigger, tell a manager which
          people it should find, and what should be done.
        </NoAccess>
      </Panel>
    </Page>
  );
}
